import type { Admissions } from '../control/admission.ts'
import type { WorkerControl } from '../control/worker-control.ts'

/** What the gRPC services are made over. */
export interface GrpcControl extends Admissions {
  worker: WorkerControl
}
