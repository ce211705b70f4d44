import type { JsonRpcError } from '../../../shared/errors/json-rpc-error.ts'

/** Headers, and the id of the request as Latin-1 text of the bytes it came in. */
interface RefusalDetails {
  readonly idRaw?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** A message that is refused before it reaches a server: answered with an HTTP status and a JSON-RPC error. */
export class McpRefusal extends Error {
  override readonly name = 'McpRefusal'
  readonly status: number
  readonly error: JsonRpcError
  /** As in {@link RefusalDetails}; `null` where no request could be read. */
  readonly idRaw: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, error: JsonRpcError, { idRaw = 'null', headers = {} }: RefusalDetails = {}) {
    super(error.message)
    this.status = status
    this.error = error
    this.idRaw = idRaw
    this.headers = headers
  }
}
