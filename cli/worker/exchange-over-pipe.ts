import type { Exchange, Hangup } from './exchange.ts'

// What `node:net` itself is made of. To load that and have it connect takes a fifth as long as starting Node, this nothing to speak of.
// Node documents it as deprecated and has no successor; where a Node does not have it any more, `net` does the same.

interface PipeHandle {
  /** Called with bytes, or with none where the connection ended. */
  onread: (bytes: ArrayBuffer | undefined) => void
  connect(request: Completion, path: string): number
  writeUtf8String(request: Completion, text: string): number
  readStart(): number
  close(): void
}

/** Something that libuv has been asked to do. Status 0 stands for done, a negative one for an error of the system. */
interface Completion {
  oncomplete: (status: number) => void
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle
  readonly PipeConnectWrap: new () => Completion
  readonly constants: { readonly SOCKET: number }
}

interface StreamBinding {
  readonly WriteWrap: new () => Completion
  /** What libuv said of the latest read, at the two places below. */
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
  readonly kArrayBufferOffset: number
}

interface Bindings {
  readonly pipe: PipeBinding
  readonly stream: StreamBinding
}

/** Makes the exchange without loading `node:net`. Undefined where this Node cannot. */
export function exchangeOverPipe(exchange: Exchange): Hangup | undefined {
  const bindings = openBindings()
  if (bindings === undefined) return undefined
  const { Pipe, PipeConnectWrap, constants } = bindings.pipe
  const pipe = new Pipe(constants.SOCKET)
  let isLeft = false
  const leave = () => {
    if (!isLeft) pipe.close()
    isLeft = true
  }
  const fail = (status: number) => {
    if (isLeft) return
    leave()
    exchange.ended(toError(status))
  }
  const connecting = new PipeConnectWrap()
  connecting.oncomplete = (status) => {
    if (isLeft) return
    if (status !== 0) return fail(status)
    converse(pipe, bindings.stream, { exchange, leave, fail })
  }
  const status = pipe.connect(connecting, exchange.socketPath)
  if (status !== 0) fail(status)
  return leave
}

interface Conversation {
  readonly exchange: Exchange
  readonly leave: Hangup
  readonly fail: (status: number) => void
}

function converse(pipe: PipeHandle, stream: StreamBinding, { exchange, leave, fail }: Conversation): void {
  const { WriteWrap, streamBaseState, kReadBytesOrError, kArrayBufferOffset } = stream
  pipe.onread = (bytes) => {
    const count = streamBaseState[kReadBytesOrError] ?? 0
    if (bytes === undefined) return fail(count)
    if (exchange.received(Buffer.from(bytes, streamBaseState[kArrayBufferOffset], count))) leave()
  }
  pipe.readStart()
  const writing = new WriteWrap()
  // Where it fails, reading does.
  writing.oncomplete = () => {}
  pipe.writeUtf8String(writing, exchange.request)
  exchange.sent()
}

function openBindings(): Bindings | undefined {
  const { noDeprecation = false } = process
  const { binding } = process as unknown as { binding: (name: string) => unknown }
  // Who is using a command can do nothing about it.
  process.noDeprecation = true
  try {
    return { pipe: binding('pipe_wrap') as PipeBinding, stream: binding('stream_wrap') as StreamBinding }
  } catch {
    return undefined
  } finally {
    process.noDeprecation = noDeprecation
  }
}

function toError(status: number): Error {
  const code = process.getBuiltinModule('node:util').getSystemErrorName(status)
  return Object.assign(new Error(code), { code })
}
