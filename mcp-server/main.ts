import { join } from 'node:path'
import { type Environment, readEnvironment, workerUrl } from '../shared/environment.ts'
import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { LineSplitter } from '../shared/line-splitter.ts'
import { WorkerClient } from '../shared/worker-client/worker-client.ts'
import { readWorkerToken } from '../shared/worker-client/worker-token.ts'
import { readCatalogSummary } from './catalog-summary.ts'
import { CatalogWatch } from './catalog-watch.ts'
import { claimStdout } from './claim-stdout.ts'
import { Front } from './front.ts'
import { OneShotFallback } from './one-shot-fallback.ts'
import { createStderrLog, type StderrLog } from './stderr-log.ts'
import { WorkerLink } from './worker-link.ts'

const MAX_FRAME_BYTES = 8 * 1024 * 1024
// Behind what is being written; a client that does not read is not read from either.
const MAX_UNREAD_BYTES = 4 * 1024 * 1024
// So long a client may wait with its first frame before the worker is looked for without it.
const SILENT_CLIENT_MS = 100
// Found from the bundle and from the source alike.
const ONE_SHOT_PROGRAM = join(import.meta.dirname, '../dist/one-shot.cjs')

/** Serves one MCP client over stdin and stdout until it leaves. A wrong environment is said on stderr, with its exit code. */
export async function main(): Promise<void> {
  const write = claimStdout(process)
  process.stderr.on('error', () => {})
  const log = createStderrLog((line) => process.stderr.write(line), Date.now)
  try {
    await serve(readEnvironment(process.env), write, log)
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    process.stderr.write(`pilot mcp: ${error.code === 'internal' ? String(error.cause) : error.message}\n`)
    process.exitCode = EXIT_BY_CODE[error.code]
  }
}

async function serve(environment: Environment, write: (text: string) => boolean, log: StderrLog): Promise<void> {
  const { worker, findTools, folders } = environment
  const session = lazySession()
  using client = new WorkerClient({ url: workerUrl(environment), readToken: () => readWorkerToken(worker) })
  await using fallback = new OneShotFallback({
    programPath: ONE_SHOT_PROGRAM,
    session,
    variables: process.env,
    processTimeoutMs: findTools.processTimeoutMs,
    log,
  })
  using catalog = new CatalogWatch({
    client,
    initial: readCatalogSummary(folders.cache),
    onChange: () => front.catalogChanged(),
  })
  using link = new WorkerLink({
    client,
    fallback,
    mode: findTools.mode,
    session,
    requestTimeoutMs: worker.requestTimeoutMs,
    random: Math.random,
    log,
    onBack: () => catalog.refresh(),
  })
  const front = new Front({
    send: sender(write),
    findTools: (input, signal) => link.findTools(input, signal),
    catalog,
    maxLimit: findTools.maxLimit,
    log,
  })
  onceFirstFrameIsAnswered(() => {
    link.start()
    if (findTools.mode !== 'one-shot') catalog.refresh()
  })
  await untilClientLeaves(front)
}

// Made when first needed: the generator costs a tenth of the start.
function lazySession(): () => string {
  let session: string | undefined
  return () => (session ??= crypto.randomUUID())
}

// What talks to the worker is loaded behind the first answer, not before it.
function onceFirstFrameIsAnswered(begin: () => void): void {
  const silent = setTimeout(begin, SILENT_CLIENT_MS).unref()
  process.stdin.once('data', () => {
    clearTimeout(silent)
    setImmediate(begin)
  })
}

function sender(write: (text: string) => boolean): (frame: string) => void {
  const { stdin, stdout } = process
  return (frame) => {
    write(`${frame}\n`)
    if (stdout.writableLength <= MAX_UNREAD_BYTES || stdin.isPaused()) return
    stdin.pause()
    stdout.once('drain', () => stdin.resume())
  }
}

/** Feeds the front. Resolves when the client has ended its input and has its answers, or when it or a signal ends everything at once. */
async function untilClientLeaves(front: Front): Promise<void> {
  const { stdin, stdout } = process
  const splitter = new LineSplitter({ maxLineBytes: MAX_FRAME_BYTES })
  const { promise: inputEnded, resolve: onEnd } = Promise.withResolvers<void>()
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  // Only answers in preparation may be left then, whose timers hold nothing open.
  const holdOpen = setInterval(() => {}, 60_000)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop())
  stdout.on('error', () => stop())
  stdin.on('error', () => onEnd())
  stdin.on('end', () => onEnd())
  stdin.on('data', (chunk: Buffer) => {
    for (const line of splitter.push(chunk)) front.receive(line)
  })
  const finished = inputEnded.then(() => {
    for (const line of splitter.end()) front.receive(line)
    return front.drained()
  })
  await Promise.race([finished, stopped])
  front.close()
  stdin.destroy()
  clearInterval(holdOpen)
}
