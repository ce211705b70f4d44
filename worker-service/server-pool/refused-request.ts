import { INVALID_PARAMS } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'

/** The server answered a request with a JSON-RPC error, which is its `details`. */
export class RefusedRequest extends ServiceError {
  /** The error code as the server sent it. */
  readonly rpcCode: number

  constructor(message: string, { rpcCode, details }: { rpcCode: number; details: unknown }) {
    super(rpcCode === INVALID_PARAMS ? 'invalid_request' : 'server_unavailable', message, { details })
    this.rpcCode = rpcCode
  }
}
