import type { ServiceError } from '../../shared/errors/service-error.ts'
import type { FinishedCall, PoolObserver } from '../../worker-service/server-pool/pool-observer.ts'

/** Writes down what happens in a pool, a line each. */
export class RecordingPoolObserver implements PoolObserver {
  readonly lines: string[] = []
  readonly finished: FinishedCall[] = []

  serverStarting(server: string, why: string): void {
    this.lines.push(`${server} starting: ${why}`)
  }
  serverReady(server: string): void {
    this.lines.push(`${server} ready`)
  }
  serverFell(server: string, { retryAfterMs, isFailed }: { retryAfterMs: number; isFailed: boolean }): void {
    this.lines.push(`${server} ${isFailed ? 'failed' : 'fell'}, again in ${retryAfterMs} ms`)
  }
  serverStopped(server: string, why: string): void {
    this.lines.push(`${server} stopped: ${why}`)
  }
  callFinished(call: FinishedCall): void {
    this.finished.push(call)
  }
  frameDropped(server: string, { from, reason }: { from: string; reason: string }): void {
    this.lines.push(`${server} dropped from ${from}: ${reason}`)
  }
  listChanged(server: string, list: string): void {
    this.lines.push(`${server} changed its ${list}`)
  }
  questionUnattributed(server: string): void {
    this.lines.push(`${server} asked nobody knows whom`)
  }
  serverSerialised(server: string): void {
    this.lines.push(`${server} serialised`)
  }
  socketMissing(server: string, { message }: ServiceError): void {
    this.lines.push(`${server} has no socket: ${message}`)
  }
  clientCutOff(server: string): void {
    this.lines.push(`${server} cut a client off`)
  }
}
