import { status } from '@grpc/grpc-js'
import type { CallHandlers, MessageStream } from './call-handlers.ts'
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from './generated/grpc/health/v1/health.ts'
import type { GrpcControl } from './grpc-control.ts'

/** The standard health checking: of the worker as a whole (the empty name) and of each of its services. They are well until it drains. */
export function createHealthService(
  { streams }: GrpcControl,
  services: readonly string[],
  handlers: CallHandlers,
): HealthServer {
  const known = ['', ...services]
  const current = () => ({ status: streams.draining ? ServingStatus.NOT_SERVING : ServingStatus.SERVING })
  return {
    check(call, callback) {
      if (known.includes(call.request.service)) return callback(null, current())
      callback({ code: status.NOT_FOUND, details: 'There is no such service.' })
    },
    list: handlers.unary(() => ({ statuses: Object.fromEntries(known.map((service) => [service, current()])) })),
    watch: handlers.streaming(({ service }: HealthCheckRequest, stream: MessageStream<HealthCheckResponse>) =>
      streams.run(async () => {
        if (!known.includes(service)) stream.send({ status: ServingStatus.SERVICE_UNKNOWN })
        else stream.send(current())
        await aborted(AbortSignal.any([stream.signal, streams.drained]))
        if (known.includes(service)) stream.send(current())
      }),
    ),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
