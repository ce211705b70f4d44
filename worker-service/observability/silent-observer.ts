import type { ServiceObserver } from '../service.ts'

/** An observer for a program that nobody watches. */
export const SILENT_OBSERVER: ServiceObserver = {
  selector: {
    connectionOpened() {},
    connectionClosed() {},
    requestFinished() {},
    circuitOpened() {},
    circuitClosed() {},
  },
  catalog: {
    serverListed() {},
    serverSkipped() {},
    toolWithheld() {},
    toolsChanged() {},
    toolsAccepted() {},
    snapshotFailed() {},
  },
}
