import { controlSocketPath } from '../../../shared/server-socket.ts'
import { allRoutes } from '../../../worker-service/http/routes.ts'
import { formatCount } from '../../bench/format.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { findFreePort } from '../../support/free-port.ts'
import { type PageReport, visitHostilePage } from '../../support/hostile-page.ts'
import { findChromium } from '../../support/installed.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { type Attempt, attemptAll, type Breach, WEB_TRICKS } from '../../support/web-tricks.ts'
import { none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'

const ATTEMPTS = 50_000
const MOST_TRICKS = 3

/** Requests as web pages and those behind them could make them, at every route of a worker, and a page of strangers in a real browser. */
export const closedRun: PromiseRun = {
  id: 'P13',
  title: 'closed to the web and to other users',
  schedule: (plan) => [
    `${formatCount(sizeOf(ATTEMPTS, plan))} requests, each with up to ${MOST_TRICKS} of ${WEB_TRICKS.length} tricks, at ${allRoutes().length} routes, over TCP and on the private socket;`,
    'then a page of strangers in Chromium, where that is installed, which tries every route with all that a page can send.',
  ],
  async run(plan, signal) {
    const grpcPort = await findFreePort()
    const mcpServers = { a: fixtureEntry('counting') }
    await using worker = await OwnWorker.start({ mcpServers, service: { grpcPort } })
    const { pid } = (await worker.status()).service
    const breaches = await attack(worker, plan, signal)
    for (const { attempt: made, status } of breaches.slice(0, 10)) plan.note(` ${status}: ${made}`)
    const page = await visit({ url: worker.url, grpcAddress: `127.0.0.1:${grpcPort}` }, plan)
    const { service, servers } = await worker.status()
    return [
      none('requests carried out that must not be', breaches.length),
      ...(page === undefined ? [] : [none('answers that a page of strangers could read', page.read.length)]),
      none(
        'tools called',
        servers.reduce((sum, { calls }) => sum + calls, 0),
      ),
      none('times the worker was ended', service.pid === pid ? 0 : 1),
    ]
  },
}

/** Makes the attempts, half of those that only a page would make on the private socket. */
async function attack(worker: OwnWorker, plan: RunPlan, signal: AbortSignal): Promise<Breach[]> {
  const random = seededRandom(plan.seed)
  const all = Array.from({ length: sizeOf(ATTEMPTS, plan) }, () => randomAttempt(random, worker.token))
  // Whoever reaches the private socket may do all that is not marked as a page's.
  const { private: onSocket = [], open = [] } = Object.groupBy(all, ({ tricks }) =>
    tricks.some((trick) => trick.isForeign) && random() < 0.5 ? 'private' : 'open',
  )
  const socket = controlSocketPath(worker.runtime)
  plan.say(`${formatCount(all.length)} requests`)
  return [...(await attemptAll(worker.url, open, signal)), ...(await attemptAll(socket, onSocket, signal))]
}

function randomAttempt(random: () => number, token: string): Attempt {
  const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const tricks = Array.from({ length: 1 + Math.floor(random() * MOST_TRICKS) }, () => any(WEB_TRICKS))
  const isForeign = tricks.some((trick) => trick.isForeign)
  return { tricks, route: any(allRoutes()), token: isForeign && random() < 0.5 ? token : undefined }
}

async function visit(target: { url: string; grpcAddress: string }, plan: RunPlan): Promise<PageReport | undefined> {
  const found = await findChromium()
  if (found.kind === 'skipped') {
    plan.note(` no page: ${found.reason}`)
    return undefined
  }
  plan.say('a page of strangers')
  const page = await visitHostilePage(target)
  plan.note(` ${formatCount(page.attempts)} attempts of a page in Chromium`)
  for (const read of page.read.slice(0, 10)) plan.note(` read by the page: ${read}`)
  return page
}
