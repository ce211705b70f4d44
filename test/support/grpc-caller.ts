import {
  createFileRegistry,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { Client, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { parseJson } from '../../shared/parse-json.ts'
import { DESCRIPTORS } from '../../worker-service/grpc/generated/descriptors.ts'

const REGISTRY = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTORS, 'base64')))

/** What became of a call: its messages as JSON with the names of the protocol file, and its status. */
export interface GrpcOutcome {
  messages: JsonValue[]
  /** `OK`, `NOT_FOUND` … */
  status: string
  message: string
  /** The body that the error has over HTTP. */
  body: unknown
}

export interface GrpcCallOptions {
  headers?: Record<string, string>
  deadlineMs?: number
  signal?: AbortSignal
  /** Is told each message as it comes. */
  onMessage?: (message: JsonValue) => void
}

/** Every method of a service, by its name. */
export function methodsOf(service: string): DescMethod[] {
  return REGISTRY.getService(service)?.methods ?? []
}

/** Calls methods by their names alone, with code that has nothing in common with the worker's. */
export class GrpcCaller implements Disposable {
  readonly #client: Client

  /** To `host:port`, or the path of a socket. */
  constructor(to: string) {
    this.#client = new Client(to.startsWith('/') ? `unix:${to}` : to, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    })
  }

  /** Makes one call, like `pilotlight.v1.Pool/Status`. Never rejects for what the worker answers. */
  async call(method: string, request: JsonValue = {}, options: GrpcCallOptions = {}): Promise<GrpcOutcome> {
    const { input, output } = methodNamed(method)
    const messages: JsonValue[] = []
    const stream = this.#client.makeServerStreamRequest(
      `/${method}`,
      (bytes: Buffer) => bytes,
      (bytes) => toJson(output, fromBinary(output, bytes), { useProtoFieldName: true, alwaysEmitImplicit: true }),
      Buffer.from(toBinary(input, fromJson(input, request))),
      metadataOf(options.headers),
      options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs },
    )
    options.signal?.addEventListener('abort', () => stream.cancel())
    stream.on('data', (message: JsonValue) => {
      messages.push(message)
      options.onMessage?.(message)
    })
    // Told by its status.
    stream.on('error', () => {})
    const ended = new Promise((resolve) => stream.once('end', resolve))
    const over = new Promise<StatusObject>((resolve) => stream.once('status', resolve))
    const [{ code, details, metadata }] = await Promise.all([over, ended])
    return { messages, status: status[code], message: details, body: bodyIn(metadata) }
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}

function methodNamed(path: string): DescMethod {
  const [service = '', name] = path.split('/')
  const found = methodsOf(service).find((method) => method.name === name)
  if (found === undefined) throw new Error(`There is no method ${path}.`)
  return found
}

function metadataOf(headers: Record<string, string> = {}): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return metadata
}

function bodyIn(metadata: Metadata): unknown {
  const [trailer] = metadata.get('pilotlight-error-bin')
  return trailer === undefined ? undefined : parseJson(trailer.toString())
}
