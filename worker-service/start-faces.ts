import { controlSocketPath, grpcSocketPath } from '../shared/server-socket.ts'
import { createAdmissions } from './control/admission.ts'
import { type GrpcStart, listenForGrpc } from './grpc/listen-grpc.ts'
import { type HttpStart, startHttp } from './http/start-http.ts'

export interface FacesStart extends Omit<HttpStart, 'admission' | 'streams' | 'socketPath' | 'events'> {
  events: HttpStart['events'] & { grpc: GrpcStart['events'] }
  runtimeFolder: string
  /** Where gRPC is spoken over TCP; undefined for nowhere. */
  grpcPort: number | undefined
}

/** Where the worker can be met over HTTP and gRPC. */
export interface Faces extends AsyncDisposable {
  /** `http://host:port` as it can be met. */
  readonly url: string
  /** `host:port` of gRPC over TCP, undefined where there is none. */
  readonly grpcAddress: string | undefined
  /** Refuses new calls, lets those in flight finish, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Puts the worker on its ports and private sockets. Throws `server_unavailable` that says what to do where one is taken or not allowed. */
export async function startFaces(start: FacesStart): Promise<Faces> {
  const { service: worker, events, token, runtimeFolder, grpcPort } = start
  const admissions = createAdmissions(start.use)
  const http = await startHttp({ ...start, ...admissions, socketPath: controlSocketPath(runtimeFolder) })
  try {
    const grpc = await listenForGrpc({
      ...admissions,
      worker,
      events: events.grpc,
      token,
      socketPath: grpcSocketPath(runtimeFolder),
      address: grpcPort === undefined ? undefined : { host: start.worker.host, port: grpcPort },
    })
    const close = async (graceMs: number) => {
      await Promise.all([http.close(graceMs), grpc.close(graceMs)])
    }
    return { url: http.url, grpcAddress: grpc.address, close, [Symbol.asyncDispose]: () => close(0) }
  } catch (thrown) {
    await http.close(0)
    throw thrown
  }
}
