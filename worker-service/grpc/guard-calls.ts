import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerListener,
  status,
} from '@grpc/grpc-js'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { TokenCheck } from '../control/bearer-token.ts'
import type { FinishedCall } from '../observability/events.ts'
import { toStatus } from './error-status.ts'

export interface CallGuard {
  /** Undefined where whoever gets here could read the token as well. */
  checkToken: TokenCheck | undefined
  finished(call: FinishedCall): void
}

/** Refuses a call that may not be here before its message is read, and tells of every call that is over. */
export function createCallGuard(guard: CallGuard): ServerInterceptor {
  return ({ path }, call) => {
    const startedAt = performance.now()
    let isOver = false
    const over = (code: status) => {
      // A call that was answered is told to be cancelled as well.
      if (!isOver) guard.finished({ path, status: status[code], durationMs: performance.now() - startedAt })
      isOver = true
    }
    const listener: ServerListener = {
      onReceiveMetadata(metadata, proceed) {
        const refusal = whyRefused(metadata, guard.checkToken)
        if (refusal === undefined) proceed(metadata)
        else guarded.sendStatus(toStatus(refusal))
      },
      onCancel: () => over(isLate(call) ? status.DEADLINE_EXCEEDED : status.CANCELLED),
    }
    const guarded = new ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus(sent, next) {
        over(sent.code ?? status.UNKNOWN)
        next(sent)
      },
    })
    return guarded
  }
}

function whyRefused(metadata: Metadata, checkToken: TokenCheck | undefined): unknown {
  try {
    // Browsers cannot speak gRPC; what carries their marks comes from a page, through some other program.
    if (metadata.get('origin').length + metadata.get('sec-fetch-site').length > 0) {
      throw new ServiceError('forbidden', 'Calls from web pages are not allowed.')
    }
    const authorization = metadata.get('authorization')
    checkToken?.(authorization.length === 0 ? undefined : authorization.join(', '))
    return undefined
  } catch (thrown) {
    return thrown
  }
}

function isLate(call: ServerInterceptingCallInterface): boolean {
  return Number(call.getDeadline()) <= Date.now()
}
