import type { ErrorCode } from '../../shared/errors/error-code.ts'

/** Whether the server has the request: surely not, surely, or nobody can tell. */
export type Delivery = 'no' | 'unknown' | 'yes'

/** A JSON-RPC error object of our own. `retryAfterMs` is milliseconds from now; `requestId` is the number in our log lines. */
export interface JsonRpcError {
  readonly code: number
  readonly message: string
  readonly data: {
    readonly server: string
    readonly delivered: Delivery
    readonly retryable: boolean
    readonly retryAfterMs?: number
    readonly requestId?: number
  }
}

/** Why a server is not there, or no longer. `code` is what its requests are answered with. */
export interface ServerLoss {
  readonly code: ErrorCode
  readonly message: string
  readonly retryAfterMs?: number
}
