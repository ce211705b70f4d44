import { INVALID_PARAMS } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'

/** The server answered a request with a JSON-RPC error. */
export class RefusedRequest extends ServiceError {
  /** The error code as the server sent it. */
  readonly rpcCode: number

  constructor(message: string, rpcCode: number) {
    super(rpcCode === INVALID_PARAMS ? 'invalid_request' : 'server_unavailable', message)
    this.rpcCode = rpcCode
  }
}
