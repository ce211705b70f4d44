import { SERVER_NAME } from '../shared/contracts/server-name.ts'
import type { Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { allServersSocketPath, serverSocketPath } from '../shared/server-socket.ts'
import { askForServer } from '../shared/worker-presence.ts'
import { Bridge } from './bridge.ts'
import { type Channel, type ChannelEvents, MAX_FRAME_BYTES, type OpenChannel } from './channel.ts'
import { ClientPipes, type StandardStreams } from './client-pipes.ts'
import { ownIntroduction } from './own-introduction.ts'
import { answersPing, openSocketChannel } from './socket-channel.ts'
import { createStderrLog } from './stderr-log.ts'
import { WorkerStarter, type WorkerStarterOptions } from './worker-starter.ts'

/** Which server, and the client that wants it. */
export interface ConnectOptions {
  readonly server: string
  readonly environment: Environment
  /** The environment variables of this process. */
  readonly variables: WorkerStarterOptions['variables']
  readonly streams: StandardStreams
  /** Takes lines about what goes wrong. */
  readonly stderr: NodeJS.WritableStream
}

/**
 * Is a pooled server to a client over its standard streams, over every restart of the worker, until the client leaves or the signal
 * aborts. Rejects where there is no way to the server to begin with: `unknown_server`, `forbidden`, `server_unavailable`.
 */
export async function connectToServer(options: ConnectOptions, signal: AbortSignal): Promise<void> {
  const { server, environment, variables, streams, stderr } = options
  const { runtime } = environment.folders
  if (!SERVER_NAME.test(server))
    throw new ServiceError('unknown_server', `${JSON.stringify(server)} is no server's name.`)
  const pipes = new ClientPipes(streams, { maxLineBytes: MAX_FRAME_BYTES })
  const log = createStderrLog('pilot connect', (line) => stderr.write(line), Date.now)
  const nowhere = new AbortController()
  const there = () => bridge.lookNow()
  const starter = new WorkerStarter({ environment, variables, log, there, now: () => performance.now() })
  const way: WayToServer = {
    server,
    environment,
    starter,
    open: (events) => openSocketChannel(serverSocketPath(runtime, server), ownIntroduction(environment), events),
  }
  let hasBeenThere = false
  using bridge = new Bridge({
    server,
    async open(events) {
      try {
        const channel = await (hasBeenThere ? openAgain(way, events) : openFirst(way, events))
        hasBeenThere = true
        return channel
      } catch (thrown) {
        if (!hasBeenThere) nowhere.abort(thrown)
        throw thrown
      }
    },
    isAlive: (deadline) => answersPing(allServersSocketPath(runtime), deadline),
    remedy: 'Run "pilot service start".',
    send: pipes.send,
    readOn: pipes.readOn,
    patienceMs: environment.worker.requestTimeoutMs,
    random: Math.random,
    log,
    missed: () => starter.missed(),
  })
  bridge.start()
  await pipes.serve(bridge, AbortSignal.any([signal, nowhere.signal]))
  nowhere.signal.throwIfAborted()
}

interface WayToServer extends Pick<ConnectOptions, 'server' | 'environment'> {
  readonly open: OpenChannel
  readonly starter: WorkerStarter
}

/** Opens the first channel, to a worker that is started for it if need be. */
async function openFirst(way: WayToServer, events: ChannelEvents): Promise<Channel> {
  try {
    return await way.open(events)
  } catch (thrown) {
    if (ServiceError.from(thrown).code !== 'server_unavailable') throw thrown
  }
  if (way.starter.mayStart) await way.starter.start()
  return openAgain(way, events)
}

async function openAgain(way: WayToServer, events: ChannelEvents): Promise<Channel> {
  try {
    return await way.open(events)
  } catch (thrown) {
    throw await whyNowhere(ServiceError.from(thrown), way)
  }
}

/** Why a server's socket cannot be opened, as its user can help it. */
async function whyNowhere(error: ServiceError, { server, environment, starter }: WayToServer): Promise<ServiceError> {
  if (error.code !== 'server_unavailable') return error
  const { folders, configPath } = environment
  const told = await askForServer(folders.runtime, server)
  if (ServiceError.is(told)) return told
  if (told?.state === 'disabled') return new ServiceError('server_unavailable', `server "${server}": ${told.why}`)
  if (told !== undefined || starter.mayStart) return error
  const message = `No worker serves ${configPath}, and none is started here. Run "pilot service start".`
  return new ServiceError('server_unavailable', message, { cause: error })
}
