import type { Clock } from './clock.ts'

/** What a heartbeat needs of its server. */
export interface HeartbeatPatient {
  /** Whether calls are in flight: a busy server is never killed for being busy. */
  isBusy(): boolean
  ping(): void
  /** It has missed as many pings as it may. */
  died(): void
  /** It is idle and well; called once each interval. */
  wasFoundWell(): void
}

const MAX_MISSES = 2

/** Asks a silent, idle server for a sign of life each interval; whatever the server sends is one. Disposing it ends that. */
export class Heartbeat implements Disposable {
  readonly #patient: HeartbeatPatient
  readonly #clock: Clock
  readonly #intervalMs: number
  #timer: Disposable | undefined
  #wasHeard = true
  #isAsked = false
  #misses = 0

  /** An interval of 0 asks never. */
  constructor(patient: HeartbeatPatient, { clock, intervalMs }: { clock: Clock; intervalMs: number }) {
    this.#patient = patient
    this.#clock = clock
    this.#intervalMs = intervalMs
    if (intervalMs > 0) this.#wait()
  }

  /** The server has sent something. */
  heard(): void {
    this.#wasHeard = true
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => this.#beat(), this.#intervalMs)
  }

  #beat(): void {
    this.#wait()
    const isWell = this.#wasHeard
    this.#wasHeard = false
    if (isWell || this.#patient.isBusy()) {
      this.#isAsked = false
      this.#misses = 0
      if (!this.#patient.isBusy()) this.#patient.wasFoundWell()
      return
    }
    if (this.#isAsked) this.#misses++
    if (this.#misses >= MAX_MISSES) return this.#patient.died()
    this.#isAsked = true
    this.#patient.ping()
  }
}
