import type { Connection } from './connectors/connector.ts'

/** The frames of one sender that wait for the server to read. */
export interface Lane {
  readonly frames: Buffer[]
  waitingBytes: number
  /** Called when nothing waits any more. */
  drained(): void
}

/** A lane in which nothing waits. */
export function createLane(drained: () => void): Lane {
  return { frames: [], waitingBytes: 0, drained }
}

// More than a pipe holds, so that it never runs dry while there is something to write.
const MAX_BYTES_AT_CONNECTION = 256 * 1024

/**
 * Writes frames to a server. While it reads they go straight through; where it does not keep up they wait in the lane of their sender,
 * and the lanes take turns frame by frame, so that nobody who sends much keeps the others waiting.
 */
export class ServerInput {
  readonly #connection: Connection
  readonly #busyLanes: Lane[] = []
  /** The sizes of the frames that the connection has not taken yet, in order. */
  readonly #sizesAtConnection: number[] = []
  #bytesAtConnection = 0
  readonly #taken = (): void => this.#frameTaken()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  write(lane: Lane, frame: Buffer): void {
    if (this.#bytesAtConnection < MAX_BYTES_AT_CONNECTION && this.#busyLanes.length === 0) return this.#send(frame)
    if (lane.frames.length === 0) this.#busyLanes.push(lane)
    lane.frames.push(frame)
    lane.waitingBytes += frame.length
  }

  /** Forgets what waits: the server is gone. */
  clear(): void {
    for (const lane of this.#busyLanes.splice(0)) {
      lane.frames.length = 0
      lane.waitingBytes = 0
      lane.drained()
    }
  }

  #send(frame: Buffer): void {
    this.#bytesAtConnection += frame.length
    this.#sizesAtConnection.push(frame.length)
    // Why a frame was not taken is told by the end of the connection.
    this.#connection.send(frame).then(this.#taken, this.#taken)
  }

  #frameTaken(): void {
    this.#bytesAtConnection -= this.#sizesAtConnection.shift() ?? 0
    while (this.#bytesAtConnection < MAX_BYTES_AT_CONNECTION && this.#sendNext()) {
      // One frame of each lane in turn.
    }
  }

  #sendNext(): boolean {
    const lane = this.#busyLanes.shift()
    const frame = lane?.frames.shift()
    if (lane === undefined || frame === undefined) return false
    lane.waitingBytes -= frame.length
    if (lane.frames.length > 0) this.#busyLanes.push(lane)
    this.#send(frame)
    if (lane.frames.length === 0) lane.drained()
    return true
  }
}
