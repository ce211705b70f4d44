import { mkdir, mkdtempDisposable, readFile, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readEnvironment } from '../../../shared/environment.ts'
import { controlSocketPath, serverSocketPath } from '../../../shared/server-socket.ts'
import type { Message } from '../../support/fake-servers.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { FrontClient } from '../../support/front-client.ts'
import { PILOT } from '../../support/worker-process.ts'
import { PoolStage } from '../pool/pool-stage.ts'
import type { Seam, SeamKind } from './seam.ts'

const SERVER = 'counted'

/** Between `pilot connect` and the worker, on the Unix socket of a server. */
export const FRONT_SEAM: SeamKind = {
  title: 'pilot connect and worker',
  open: openFrontSeam,
  // To a server, what comes twice is two requests of one id, of which it refuses one.
  allows: ({ kind }, direction) => direction === 'to client' || kind !== 'duplicate',
}

async function openFrontSeam(seed: number): Promise<Seam> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'front-seam-')))
  const file = join(folder.path, 'executed')
  const stage = stack.use(await PoolStage.start({ [SERVER]: fixtureEntry('counting', [file]) }))
  const { variables, home } = stage.worker
  // The front has a runtime folder of its own, in which the server's socket is the proxy's and the other one the worker's.
  const frontVariables = { ...variables, XDG_RUNTIME_DIR: join(home.path, 'front') }
  const [theirs, ours] = [variables, frontVariables].map((one) => readEnvironment(one).folders.runtime) as [
    string,
    string,
  ]
  const path = serverSocketPath(ours, SERVER)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await symlink(controlSocketPath(theirs), controlSocketPath(ours))
  const proxy = stack.use(await FaultProxy.open({ path: serverSocketPath(theirs, SERVER) }, { seed, place: { path } }))
  const front = stack.use(new FrontClient(PILOT, frontVariables, [], ['connect', SERVER]))
  await front.initialize()
  const owned = stack.move()
  return {
    title: FRONT_SEAM.title,
    proxy,
    async call(token) {
      const answer: Message = (await front.ask('tools/call', { name: 'count', arguments: { key: token } })) as Message
      const { key } = (answer.result?.['structuredContent'] ?? {}) as { key?: unknown }
      return answer.error === undefined ? { result: { token: key } } : answer
    },
    executed: async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1),
    strays: () => countRepeated(front.lines),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function countRepeated(lines: readonly string[]): number {
  const ids = lines.map((line) => JSON.parse(line) as { id?: unknown; method?: string })
  const answered = ids.filter(({ id, method }) => id !== undefined && method === undefined).map(({ id }) => id)
  return answered.length - new Set(answered).size
}
