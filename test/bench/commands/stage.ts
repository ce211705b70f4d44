import { writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inheritedEnvironment } from '../../../worker-service/server-pool/connectors/inherited-environment.ts'
import { createConnector } from '../../../worker-service/server-pool/connectors/open-connection.ts'
import {
  DEFAULT_SERVER_SETTINGS,
  type StdioServerDefinition,
} from '../../../worker-service/server-pool/server-definition.ts'
import { OneServer } from '../../support/one-server.ts'
import { OwnWorker } from '../../support/own-worker.ts'

/** How a command reaches its server: it starts it through npx, or it meets the worker, as a process of its own or over HTTP. */
export type Way = 'npx' | 'connect' | 'execute'

/** A worker with a server that is started through npx, of which nothing was ever downloaded here. */
export interface CommandStage extends AsyncDisposable {
  /** Runs one command; resolves with the milliseconds from its start to the answer to its tool call. */
  run(way: Way): Promise<number>
}

const SPEC = '@modelcontextprotocol/server-everything@2026.8.31'
const SERVER = 'everything'
const CALL = { tool: 'echo', arguments: { message: 'hello' } }
const START_TIMEOUT_MS = 120_000

/** Opens a stage. The worker has just learnt of the server. */
export async function openCommandStage(): Promise<CommandStage> {
  const worker = await OwnWorker.start({})
  // npx looks for what it is to run in the project around it before it downloads anything.
  await writeFile(join(worker.home.path, 'package.json'), '{"private":true}')
  const entry = entryIn(worker.home.path)
  await worker.reconfigure({ mcpServers: { [SERVER]: { ...entry, startTimeoutMs: START_TIMEOUT_MS } } })
  while ((await worker.status()).servers.length === 0) await sleep(1)
  const commands = { npx: entry, connect: { ...worker.connect(SERVER), cwd: worker.home.path } }
  return {
    run: (way) => (way === 'execute' ? execute(worker) : runProcess(commands[way])),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  }
}

/** The server's entry: its packages are kept in an empty cache, and the registry is reached as this machine does. */
function entryIn(home: string) {
  const npm_config_userconfig = process.env.npm_config_userconfig ?? join(homedir(), '.npmrc')
  const env = { ...inheritedEnvironment(process.env), npm_config_userconfig, npm_config_cache: join(home, 'npm') }
  return { command: 'npx', args: ['-y', SPEC], env, cwd: home }
}

async function execute(worker: OwnWorker): Promise<number> {
  const startedAt = performance.now()
  const { status, text } = await worker.execute(SERVER, CALL)
  const tookMs = performance.now() - startedAt
  if (status !== 200) throw new Error(`The call was answered with ${status}: ${text}`)
  return tookMs
}

async function runProcess(command: Pick<StdioServerDefinition, 'command' | 'args' | 'env' | 'cwd'>): Promise<number> {
  const definition = { ...DEFAULT_SERVER_SETTINGS, name: SERVER, transport: 'stdio' as const, ...command }
  const startedAt = performance.now()
  await using server = new OneServer(definition, createConnector({ variables: process.env }))
  await server.call(CALL.tool, CALL.arguments)
  return performance.now() - startedAt
}
