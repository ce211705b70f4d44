import { join } from 'node:path'
import { type Environment, readEnvironment, workerUrl } from '../shared/environment.ts'
import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { createFirstToolsReader } from '../shared/first-tools.ts'
import { OWN_NAME } from '../shared/frames/replies.ts'
import { allServersSocketPath } from '../shared/server-socket.ts'
import { WorkerClient } from '../shared/worker-client/worker-client.ts'
import { readWorkerToken } from '../shared/worker-client/worker-token.ts'
import { Bridge, type BridgeOptions } from './bridge.ts'
import { MAX_FRAME_BYTES } from './channel.ts'
import { claimStdout } from './claim-stdout.ts'
import { ClientPipes, type StandardStreams } from './client-pipes.ts'
import { Front } from './front.ts'
import { openHttpChannel } from './http-channel.ts'
import { createOneShotAnswers } from './one-shot-answers.ts'
import { OneShotFallback } from './one-shot-fallback.ts'
import { ownIntroduction } from './own-introduction.ts'
import { answersPing, openSocketChannel } from './socket-channel.ts'
import { createStderrLog, type StderrLog } from './stderr-log.ts'
import { WorkerLink } from './worker-link.ts'
import { WorkerStarter } from './worker-starter.ts'

// A client begins with what is answered here. What talks to the worker takes longer to load than that, and is looked for behind it.
const BEGINNING_MS = 100
// Found from the bundle and from the source alike.
const ONE_SHOT_PROGRAM = join(import.meta.dirname, '../dist/one-shot.cjs')

/** Serves one MCP client over stdin and stdout until it leaves. A wrong environment is said on stderr, with its exit code. */
export async function main(): Promise<void> {
  const { stdin: input, stdout: output, stderr } = process
  const streams = { input, output, frames: claimStdout(process) }
  stderr.on('error', () => {})
  const log = createStderrLog('pilot mcp', (line) => stderr.write(line), Date.now)
  try {
    await serve(readEnvironment(process.env), streams, log)
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    stderr.write(`pilot mcp: ${error.code === 'internal' ? String(error.cause) : error.message}\n`)
    process.exitCode = EXIT_BY_CODE[error.code]
  }
}

async function serve(environment: Environment, streams: StandardStreams, log: StderrLog): Promise<void> {
  const { worker, findTools } = environment
  const { mode } = findTools
  const session = lazySession()
  const pipes = new ClientPipes(streams, { maxLineBytes: MAX_FRAME_BYTES })
  using client = new WorkerClient({ url: () => workerUrl(environment), readToken: () => readWorkerToken(worker) })
  const starter = new WorkerStarter({
    environment,
    variables: process.env,
    log,
    there: () => bridge.lookNow(),
    now: () => performance.now(),
  })
  const missed = () => starter.missed()
  await using fallback = new OneShotFallback({
    programPath: ONE_SHOT_PROGRAM,
    session,
    variables: process.env,
    processTimeoutMs: findTools.processTimeoutMs,
    log,
  })
  using link = new WorkerLink({
    client,
    fallback,
    mode,
    session,
    requestTimeoutMs: worker.requestTimeoutMs,
    missed,
    random: Math.random,
    log,
  })
  using bridge = new Bridge({
    ...wayToWorker(environment, { client, session }),
    server: OWN_NAME,
    missed,
    send: pipes.send,
    readOn: pipes.readOn,
    patienceMs: worker.requestTimeoutMs,
    random: Math.random,
    log,
  })
  const front = new Front({
    send: pipes.send,
    findTools: (input, signal) => link.findTools(input, signal),
    rememberedTools: isOfOwnWorker(environment) ? createFirstToolsReader(environment) : () => undefined,
    list: mode === 'worker' ? undefined : createOneShotAnswers(fallback, worker.requestTimeoutMs),
    bridge,
    log,
  })
  const beginning = setTimeout(() => {
    bridge.start()
    link.start()
    starter.missed()
  }, BEGINNING_MS).unref()
  await pipes.serve(front, stopSignal())
  clearTimeout(beginning)
  front.close()
}

/** Whether what this user's own worker remembers is what the front would be told. */
function isOfOwnWorker({ worker, selector, findTools }: Environment): boolean {
  return worker.url === undefined && selector.url === undefined && findTools.mode !== 'worker'
}

/** How the worker is reached: this user's own on its socket, one that somebody else runs over HTTP. */
function wayToWorker(
  environment: Environment,
  { client, session }: { client: WorkerClient; session: () => string },
): Pick<BridgeOptions, 'open' | 'isAlive' | 'remedy'> {
  if (environment.worker.url !== undefined) {
    return {
      open: (events) => openHttpChannel({ client, session: session() }, events),
      isAlive: (signal) => client.health(signal).then(() => true),
      remedy: `See that the worker at ${environment.worker.url} runs.`,
    }
  }
  const path = allServersSocketPath(environment.folders.runtime)
  const introduction = () => ({ ...ownIntroduction(environment), session: session() })
  return {
    open: (events) => openSocketChannel(path, introduction(), events),
    isAlive: (signal) => answersPing(path, signal),
    remedy: 'Run "pilot service start".',
  }
}

// Made when first needed: the generator costs a tenth of the start.
function lazySession(): () => string {
  let session: string | undefined
  return () => (session ??= crypto.randomUUID())
}

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  return stop.signal
}
