import { once } from 'node:events'
import { join } from 'node:path'
import { warmCatalogue } from '../../support/example-servers.ts'
import { findFreePort } from '../../support/free-port.ts'
import { Program } from '../../support/program.ts'
import { createTemporaryHome, type TemporaryHome } from '../../support/temporary-home.ts'
import { startWorker } from '../../support/worker-process.ts'
import { together } from '../together.ts'
import type { Contestant } from './contestant.ts'
import { startFrontCaller } from './front-caller.ts'
import { HttpConnection, postRequest } from './http-connection.ts'
import { INPUT } from './input.ts'
import type { Target } from './measure-throughput.ts'
import { emptyNode, oneShotContestants, pythonContestant } from './process-contestants.ts'

/** The paths that can be loaded over HTTP. */
export type Targets = Record<'direct' | 'proxy' | 'worker' | 'worker-fresh', Target>

/** Everything that is measured, running, each part in a process of its own. */
export interface Stage extends AsyncDisposable {
  contestants: Contestant[]
  targets: Targets
  workerPid: number
}

const SELECTOR_STAND_IN = join(import.meta.dirname, 'selector-stand-in.ts')
const BARE_PROXY = join(import.meta.dirname, 'bare-proxy.ts')
const ATTACH_PATH = '/api/v1/tools/attach'
const START_DEADLINE_MS = 10_000

/** Starts selectors, workers and a front in a home of their own. `searchPath` is their `PATH`. */
export async function openStage(searchPath: string): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const home = stack.use(await createTemporaryHome(searchPath))
  // One closes every connection after its answer, so that the worker behind it must open one per call.
  const [selector, closing] = await together([
    startListener(stack, home, [SELECTOR_STAND_IN]),
    startListener(stack, home, [SELECTOR_STAND_IN, '--close']),
  ])
  const selectorPort = selector.port
  const [proxy, worker, freshWorker, python] = await together([
    startListener(stack, home, [BARE_PROXY, String(selectorPort)]),
    addWorker(stack, home, selectorPort),
    addWorker(stack, home, closing.port),
    pythonContestant(home.variables, urlAt(selectorPort)),
    warmCatalogue(home),
  ])
  const targets = {
    direct: toTarget(selector, ATTACH_PATH),
    proxy: toTarget(proxy, ATTACH_PATH),
    worker: toTarget(worker, '/find_tools'),
    'worker-fresh': toTarget(freshWorker, '/find_tools'),
  }
  const contestants = [
    ...httpContestants(stack.use(new AsyncDisposableStack()), targets),
    await frontContestant(stack, home, urlAt(worker.port)),
    ...oneShotContestants(home.variables, urlAt(selectorPort)),
    ...(python === undefined ? [] : [python]),
    emptyNode(home.variables),
  ]
  const running = stack.move()
  return { contestants, targets, workerPid: worker.pid, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Something that listens, and its process. */
type Listener = Pick<Target, 'port' | 'pid'>

/** Starts a program that says its port. */
async function startListener(stack: AsyncDisposableStack, home: TemporaryHome, args: string[]): Promise<Listener> {
  const stderrPath = join(home.path, 'listeners.log')
  const { stdout, pid } = stack.use(new Program({ args, variables: home.variables, stderrPath }))
  const [port] = (await once(stdout, 'data', { signal: AbortSignal.timeout(START_DEADLINE_MS) })) as [Buffer]
  return { port: Number(port.toString()), pid }
}

async function addWorker(stack: AsyncDisposableStack, home: TemporaryHome, selectorPort: number): Promise<Listener> {
  const port = await findFreePort()
  // Folders of its own: a second worker of the same configuration would not start.
  const own = join(home.path, `worker-${port}`)
  const folders = { XDG_RUNTIME_DIR: own, XDG_CONFIG_HOME: own }
  const variables = { ...home.variables, ...folders, TOOL_SELECTOR_URL: urlAt(selectorPort) }
  const stderrPath = join(home.path, `worker-${port}.log`)
  const { pid } = stack.use(await startWorker(port, { variables, stderrPath }))
  return { port, pid }
}

/** `connections` takes those that are opened. */
function httpContestants(connections: AsyncDisposableStack, targets: Targets): Contestant[] {
  const titles = {
    direct: 'direct to the selector',
    proxy: 'through a bare node:http proxy',
    worker: 'worker, connections kept alive',
    'worker-fresh': 'worker, a new connection per call',
  }
  const paths = ['direct', 'proxy', 'worker', 'worker-fresh'] as const
  return paths.map((path) => {
    const { port, request } = targets[path]
    let connection: HttpConnection | undefined
    const call = async () => {
      // Not before its first turn: a server closes a connection on which nothing comes.
      connection ??= connections.use(await HttpConnection.open(port))
      await connection.send(request)
    }
    return { path, title: titles[path], process: false, call }
  })
}

async function frontContestant(
  stack: AsyncDisposableStack,
  home: TemporaryHome,
  workerUrl: string,
): Promise<Contestant> {
  const variables = { ...home.variables, WORKER_SERVICE_URL: workerUrl }
  const front = stack.use(await startFrontCaller({ variables, stderrPath: join(home.path, 'front.log') }))
  return { path: 'front', title: 'front over stdio, worker behind it', process: false, call: () => front.call(INPUT) }
}

function toTarget({ port, pid }: Listener, path: string): Target {
  return { port, pid, request: postRequest(port, path, INPUT) }
}

function urlAt(port: number): string {
  return `http://127.0.0.1:${port}`
}
