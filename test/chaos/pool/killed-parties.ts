import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEnvironment } from '../../../shared/environment.ts'
import { endLeftovers } from '../../../worker-service/server-pool/connectors/child-supervision.ts'
import { findProgram } from '../../../worker-service/server-pool/connectors/find-program.ts'
import type { IsolationMode } from '../../../worker-service/server-pool/connectors/isolation.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { findFreePort } from '../../support/free-port.ts'
import { ProcessCensus } from '../../support/process-census.ts'
import { Program } from '../../support/program.ts'
import { createTemporaryHome, type TemporaryHome } from '../../support/temporary-home.ts'
import { untilNone } from '../../support/until-none.ts'
import { PILOT, spawnWorker, untilHealthy } from '../../support/worker-process.ts'

/** Who is killed. A client is a `pilot connect`. */
export type Party = 'worker' | 'front' | 'client'

/** What is done in one round. Times are milliseconds. */
export interface KillRound {
  readonly mode: IsolationMode
  /** Servers in the order in which they are configured. */
  readonly servers: readonly ServerName[]
  /** Whether the worker is healthy before the time to the first kill begins. */
  readonly waitsForWorker: boolean
  /** Who is killed, and how long after the one before. */
  readonly kills: ReadonlyArray<{ readonly party: Party; readonly afterMs: number }>
}

/** What a round has shown. */
export interface KillOutcome {
  /** Everybody who was there. */
  census: ProcessCensus
  /** How many live on, where nobody is there to end them but the next worker after it has started. */
  left: number
  /** How long after the last kill the last one had ended, or was given up, in milliseconds. */
  endedAfterMs: number
}

const GIVE_UP_MS = 60_000

const SERVERS = {
  tree: fixtureEntry('leaves-family', ['tree']),
  escaped: fixtureEntry('leaves-family', ['escaped']),
  stripped: fixtureEntry('leaves-family', ['stripped']),
  brood: fixtureEntry('leaves-family', ['brood']),
  stubborn: fixtureEntry('ignores-sigterm'),
  silent: fixtureEntry('never-answers'),
  good: fixtureEntry('well-behaved'),
}
export type ServerName = keyof typeof SERVERS
export const SERVER_NAMES = Object.keys(SERVERS) as ServerName[]

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'killed', version: '1' } },
})

/** What the worker's PATH may name in a mode, everything where it is not said: it takes the strongest mode that it can. */
const PROGRAMS_BY_MODE: Record<IsolationMode, readonly string[] | undefined> = {
  'pid-namespace': undefined,
  guardian: ['sh', 'grep'],
  'process-group': [],
}

/** Starts worker, front and client over servers that are hard to be rid of, kills them one after the other and counts who lives on. */
export async function killParties(round: KillRound, searchPath: string, signal: AbortSignal): Promise<KillOutcome> {
  await using home = await prepareHome(round, searchPath)
  const census = new ProcessCensus(home.path)
  await using stack = new AsyncDisposableStack()
  const parties = await startParties(round, { home, stack }, signal)
  for (const { party, afterMs } of round.kills) {
    await sleep(afterMs, undefined, { signal })
    census.look()
    parties[party].kill('SIGKILL')
    // Without a worker the front starts a one-shot for it, and that the servers.
    parties.front.stdin.write(findTools(party))
  }
  await parties.worker.exited
  const killedAt = performance.now()
  if (round.mode === 'process-group') {
    const recordsFolder = join(readEnvironment(home.variables).folders.runtime, 'children')
    await endLeftovers({ recordsFolder, variables: home.variables }, signal)
  }
  const left = await untilNone(() => {
    census.look()
    return census.living()
  }, GIVE_UP_MS)
  const endedAfterMs = performance.now() - killedAt
  census.kill()
  return { census, left, endedAfterMs }
}

async function prepareHome({ mode, servers }: KillRound, searchPath: string): Promise<TemporaryHome> {
  const home = await createTemporaryHome(searchPath)
  const env = { PATH: searchPath, MARK: home.path }
  const mcpServers = Object.fromEntries(servers.map((name) => [name, { ...SERVERS[name], env }]))
  const folder = join(home.path, 'config/pilotlight')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'mcp.json'), JSON.stringify({ mcpServers }), { mode: 0o600 })
  const programs = PROGRAMS_BY_MODE[mode]
  if (programs === undefined) return home
  const bin = join(home.path, 'bin')
  await mkdir(bin)
  for (const name of programs) {
    await symlink(await findProgram(name, { cwd: undefined, path: searchPath }), join(bin, name))
  }
  return { ...home, variables: { ...home.variables, PATH: bin } }
}

async function startParties(
  { mode, servers, waitsForWorker }: KillRound,
  { home, stack }: { home: TemporaryHome; stack: AsyncDisposableStack },
  signal: AbortSignal,
): Promise<Record<Party, Program>> {
  const port = await findFreePort()
  // What a one-shot leaves where nothing isolates its servers, no worker knows of.
  const FIND_TOOLS_MODE = mode === 'process-group' ? 'worker' : 'auto'
  const variables = { ...home.variables, FIND_TOOLS_MODE, WORKER_SERVICE_URL: `http://127.0.0.1:${port}` }
  const stderrPath = join(home.path, 'stderr.log')
  const start = (...args: string[]) => {
    const program = stack.use(new Program({ args: [PILOT, ...args], variables, stderrPath }))
    program.stdout.resume()
    return program
  }
  const worker = stack.use(spawnWorker(port, { variables: home.variables, stderrPath }))
  if (waitsForWorker) await untilHealthy(port, signal)
  const front = start('mcp')
  const client = start('connect', servers[0] ?? '')
  for (const { stdin } of [front, client]) stdin.write(`${INITIALIZE}\n`)
  front.stdin.write(findTools('everybody'))
  return { worker, front, client }
}

function findTools(query: string): string {
  const params = { name: 'find_tools', arguments: { query } }
  return `${JSON.stringify({ jsonrpc: '2.0', id: query, method: 'tools/call', params })}\n`
}
