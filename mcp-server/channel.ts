/** No server can be configured to send or take longer messages; which are too long for one, the worker says. */
export const MAX_FRAME_BYTES = 1024 * 1024 * 1024

/** A connection to the worker that carries frames both ways, in order. */
export interface Channel {
  /** Sends one frame, without its newline. False when it should be given no more before `drained`. */
  send(frame: Buffer): boolean
  /** Reads no more of what the worker sends, until `resume`. */
  pause(): void
  resume(): void
  /** Leaves the worker: what is in flight is cancelled. */
  close(): void
}

/** What a channel tells of. */
export interface ChannelEvents {
  frame(bytes: Buffer): void
  drained(): void
  /** It is gone, and nothing comes after; `why` is a sentence. Not told of a channel that was closed. */
  lost(why: string): void
}

/** Opens a channel. Rejects with a ServiceError that says why there is none. */
export type OpenChannel = (events: ChannelEvents) => Promise<Channel>
