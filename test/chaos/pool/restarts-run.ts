import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../../../shared/deadline.ts'
import { formatCount } from '../../bench/format.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { findFreePort } from '../../support/free-port.ts'
import { GENERATIONS, type Generation } from '../../support/official-caller.ts'
import { createTemporaryHome, type TemporaryHome } from '../../support/temporary-home.ts'
import { type ChaosPromise, none } from '../promises.ts'
import { scheduleRestarts } from '../schedule.ts'
import { TormentedWorker } from '../tormented-worker.ts'
import { WayBack } from '../way-back.ts'
import { OutcomeBooks } from './outcome-books.ts'
import { type PromiseRun, sizeOf } from './promise-run.ts'
import { FACES, type Face, type RestartedPlace, SERVER } from './restarted-faces.ts'
import { type DirectView, RestartsCaller, viewDirectly } from './restarts-caller.ts'

const RESTARTS = 100
const FEWEST = 4
const LAST_ANSWER_MS = 60_000

/** Promise P14: at every face a client outlives the worker, or learns that it must begin anew, and each of its calls comes to one clear end. */
export const restartsRun: PromiseRun = {
  id: 'P14',
  title: 'a client outlives the worker',
  schedule: (plan) => [
    `${formatCount(sizeOf(RESTARTS, plan, FEWEST))} restarts and stops of the worker at random, seed ${plan.seed}, while official clients call a tool that counts and compare what they see with the server itself:`,
    `${GENERATIONS.join(' · ')}, each at ${FACES.map(({ name }) => name).join(' · ')}.`,
  ],
  run: async (plan, signal) => {
    await using home = await createTemporaryHome(plan.searchPath)
    const counted = join(home.path, 'counted')
    const entry = fixtureEntry('counting', [counted], { maxClients: 500 })
    const place = await configure(home, { counted, entry })
    const program = { variables: place.variables, stderrPath: join(home.path, 'worker.log') }
    const now = () => performance.now()
    await using worker = await TormentedWorker.start({ port: place.port, program, wayBack: new WayBack(), now })
    const books = new OutcomeBooks()
    await using clients = new AsyncDisposableStack()
    const callers: RestartsCaller[] = []
    for (const generation of GENERATIONS) {
      const direct = await viewDirectly(generation, { ...entry, args: [...entry.args], env: {} })
      callers.push(...(await startAll(generation, { place, books, direct }, clients)))
    }
    const over = new AbortController()
    const calling = callers.map((caller) => caller.callUntil(over.signal))
    const faults = scheduleRestarts(plan.seed, sizeOf(RESTARTS, plan, FEWEST))
    await worker.suffer(faults, now(), signal).finally(() => over.abort())
    await Promise.race([Promise.all(calling), unlessAborted(sleep(LAST_ANSWER_MS, undefined, { ref: false }), signal)])
    plan.note(` calls by what their clients were told: ${JSON.stringify(books.counts())}`)
    for (const { name, lists, renewals } of callers) {
      plan.note(` ${name}: ${formatCount(lists)} lists${renewals === 0 ? '' : `, began anew ${renewals} times`}`)
    }
    return [...books.promises(await readLines(counted)), ...FACES.flatMap((face) => promisesOf(face, callers))]
  },
}

/** What was promised of a face, over all clients there. */
function promisesOf(face: Face, callers: readonly RestartsCaller[]): ChaosPromise[] {
  const [first, ...others] = callers.filter((caller) => caller.face === face).map((caller) => caller.sightings())
  return Object.entries(first ?? {}).map(([what, seen]) => {
    const measured = others.reduce((sum, { [what]: more = 0 }) => sum + more, seen)
    return none(`${face.name}: ${what}`, measured)
  })
}

/** A client of a generation at each face. */
async function startAll(
  generation: Generation,
  parts: { place: RestartedPlace; books: OutcomeBooks; direct: DirectView },
  stack: AsyncDisposableStack,
): Promise<RestartsCaller[]> {
  const start = async (face: Face) => stack.use(await RestartsCaller.start({ face, generation, ...parts }))
  return Promise.all(FACES.map(start))
}

async function configure(
  home: TemporaryHome,
  { counted, entry }: { counted: string; entry: object },
): Promise<RestartedPlace> {
  const [configPath, port, token] = [join(home.path, 'mcp.json'), await findFreePort(), 'test-token']
  await writeFile(counted, '')
  await writeFile(configPath, JSON.stringify({ mcpServers: { [SERVER]: entry } }), { mode: 0o600 })
  const own = { PILOTLIGHT_CONFIG: configPath, PILOTLIGHT_TOKEN: token, WORKER_SERVICE_PORT: String(port) }
  return { variables: { ...home.variables, ...own }, port, token }
}

async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1)
}
