import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER_NAME } from '../shared/contracts/server-name.ts'
import type { Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { scanFrame } from '../shared/frames/frame-scan.ts'
import { tooLargeFrame, unusableFrame } from '../shared/frames/replies.ts'
import type { SplitLine } from '../shared/line-splitter.ts'
import { allServersSocketPath, serverSocketFolder, serverSocketPath } from '../shared/server-socket.ts'
import { Bridge } from './bridge.ts'
import { type ClientPartner, ClientPipes, type StandardStreams } from './client-pipes.ts'
import { ownIntroduction } from './own-introduction.ts'
import { answersPing, isListenedOn, MAX_SERVER_FRAME_BYTES, openSocketChannel } from './socket-channel.ts'
import { createStderrLog } from './stderr-log.ts'

/** Which server, and the client that wants it. */
export interface ConnectOptions {
  readonly server: string
  readonly environment: Environment
  readonly streams: StandardStreams
  /** Takes lines about what goes wrong. */
  readonly stderr: NodeJS.WritableStream
}

/**
 * Is a pooled server to a client over its standard streams, over every restart of the worker, until the client leaves or the signal
 * aborts. Rejects where there is no way to the server to begin with: `unknown_server`, `forbidden`, `server_unavailable`.
 */
export async function connectToServer(options: ConnectOptions, signal: AbortSignal): Promise<void> {
  const { server, environment, streams, stderr } = options
  const { runtime } = environment.folders
  if (!SERVER_NAME.test(server))
    throw new ServiceError('unknown_server', `${JSON.stringify(server)} is no server's name.`)
  const pipes = new ClientPipes(streams, { maxLineBytes: MAX_SERVER_FRAME_BYTES })
  const nowhere = new AbortController()
  let hasBeenThere = false
  using bridge = new Bridge({
    server,
    async open(events) {
      try {
        const channel = await openSocketChannel(serverSocketPath(runtime, server), ownIntroduction(environment), events)
        hasBeenThere = true
        return channel
      } catch (thrown) {
        const why = await whyNowhere(ServiceError.from(thrown), { server, environment })
        if (!hasBeenThere) nowhere.abort(why)
        throw why
      }
    },
    isAlive: (deadline) => answersPing(allServersSocketPath(runtime), deadline),
    remedy: 'Run "pilot service run".',
    send: pipes.send,
    readOn: pipes.readOn,
    patienceMs: environment.worker.requestTimeoutMs,
    random: Math.random,
    log: createStderrLog('pilot connect', (line) => stderr.write(line), Date.now),
  })
  bridge.start()
  await pipes.serve(partnerOf(bridge, pipes.send), AbortSignal.any([signal, nowhere.signal]))
  nowhere.signal.throwIfAborted()
}

function partnerOf(bridge: Bridge, send: (frame: Buffer) => void): ClientPartner {
  return {
    receive: (line) => receive(line, bridge, send),
    hold: () => bridge.hold(),
    release: () => bridge.release(),
    settled: () => bridge.settled(),
  }
}

function receive(line: SplitLine, bridge: Bridge, send: (frame: Buffer) => void): boolean {
  if (line.kind === 'too-long') {
    send(tooLargeFrame())
    return true
  }
  const frame = scanFrame(line.bytes)
  switch (frame.kind) {
    case 'request':
      return bridge.request(frame)
    case 'notification':
      return bridge.notify(frame)
    case 'answer':
      return bridge.answer(frame)
    case 'unusable':
      send(unusableFrame(frame))
      return true
  }
}

/** Why a server's socket cannot be opened, as its user can help it. */
async function whyNowhere(
  error: ServiceError,
  { server, environment }: Pick<ConnectOptions, 'server' | 'environment'>,
): Promise<ServiceError> {
  if (error.code !== 'server_unavailable') return error
  const others = await servedNames(serverSocketFolder(environment.folders.runtime))
  if (others.length === 0) {
    const message = `No worker serves ${environment.configPath}, and this command starts none. Run "pilot service run".`
    return new ServiceError('server_unavailable', message, { cause: error })
  }
  return new ServiceError(
    'unknown_server',
    `There is no server ${JSON.stringify(server)}. There are: ${others.join(', ')}.`,
  )
}

/** The servers of a worker that runs, by their sockets. */
async function servedNames(folder: string): Promise<string[]> {
  const sockets = filesIn(folder).filter((file) => file.endsWith('.sock'))
  const answering = await Promise.all(sockets.map((file) => isListenedOn(join(folder, file))))
  return sockets.filter((_, index) => answering[index]).map((file) => file.slice(0, -'.sock'.length))
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
