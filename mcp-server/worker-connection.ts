import { ServiceError } from '../shared/errors/service-error.ts'
import type { Channel, OpenChannel } from './channel.ts'

/** What a {@link WorkerConnection} tells of. */
export interface ConnectionEvents {
  /** There is a channel, with nothing sent on it yet. */
  opened(channel: Channel): void
  /** There is no worker at present, and why, as a sentence; it goes on being looked for. */
  unreachable(why: string): void
  /** The channel is gone, and why; a new one is being opened. */
  lost(channel: Channel, why: string): void
  frame(bytes: Buffer): void
  drained(): void
}

export interface WorkerConnectionOptions {
  readonly open: OpenChannel
  readonly events: ConnectionEvents
  /** 0 up to 1, as `Math.random`. */
  readonly random: () => number
}

const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 1_000

/*
 *   idle ──start──▶ opening ──▶ open ──lost──┐
 *                    ▲   └─refused─▶ waiting │
 *                    └───────────────┴───────┘     with jitter, longer each time until something was heard
 */
type ConnectionState =
  | { readonly name: 'idle' | 'opening' | 'closed' }
  | { readonly name: 'open'; readonly channel: Channel }
  | { readonly name: 'waiting'; readonly timer: NodeJS.Timeout }

/** Keeps a channel to the worker open: when it is lost or cannot be had, another is opened, for ever. */
export class WorkerConnection implements Disposable {
  readonly #options: WorkerConnectionOptions
  #state: ConnectionState = { name: 'idle' }
  /** How often in a row there was no channel on which anything was heard. */
  #failures = 0

  constructor(options: WorkerConnectionOptions) {
    this.#options = options
  }

  /** Opens the first channel, if nothing has yet. */
  start(): void {
    if (this.#state.name === 'idle') this.#open()
  }

  /** There is a worker now, as far as is known: what waits to be opened is opened at once. */
  openNow(): void {
    if (this.#state.name !== 'waiting') return
    clearTimeout(this.#state.timer)
    this.#open()
  }

  /** Leaves the present channel for another one, and why. */
  reopen(why: string): void {
    if (this.#state.name !== 'open') return
    const { channel } = this.#state
    channel.close()
    this.#lost(channel, why)
  }

  [Symbol.dispose](): void {
    if (this.#state.name === 'open') this.#state.channel.close()
    if (this.#state.name === 'waiting') clearTimeout(this.#state.timer)
    this.#state = { name: 'closed' }
  }

  #open(): void {
    this.#state = { name: 'opening' }
    const { open, events } = this.#options
    let channel: Channel | undefined
    const opened = (one: Channel) => {
      channel = one
      this.#opened(one)
    }
    const channelEvents = {
      frame: (bytes: Buffer) => {
        events.frame(bytes)
        // What made it leave the channel was none.
        if (this.#state.name === 'open') this.#failures = 0
      },
      drained: () => events.drained(),
      lost: (why: string) => {
        if (channel !== undefined) this.#lost(channel, why)
      },
    }
    open(channelEvents).then(opened, (thrown: unknown) => this.#refused(ServiceError.from(thrown).message))
  }

  #opened(channel: Channel): void {
    if (this.#state.name === 'closed') return channel.close()
    this.#state = { name: 'open', channel }
    this.#options.events.opened(channel)
  }

  #refused(why: string): void {
    if (this.#state.name === 'closed') return
    this.#openLater()
    this.#options.events.unreachable(why)
  }

  #lost(channel: Channel, why: string): void {
    if (this.#state.name !== 'open' || this.#state.channel !== channel) return
    this.#openLater()
    this.#options.events.lost(channel, why)
  }

  #openLater(): void {
    const longest = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures)
    this.#failures++
    const timer = setTimeout(() => this.#open(), this.#options.random() * longest).unref()
    this.#state = { name: 'waiting', timer }
  }
}
