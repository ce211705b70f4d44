import type { Message } from '../../support/fake-servers.ts'
import type { ChaosPromise } from '../promises.ts'

/** What a call came to: its result, or an error and what that says of its delivery. */
type Outcome = 'answered' | 'no' | 'unknown' | 'yes' | 'nothing said'

const DELIVERIES = ['no', 'unknown', 'yes'] as const

/** Keeps the books over calls, each known by its token: what its client was told, against what the server did. */
export class OutcomeBooks {
  readonly #outcomes = new Map<string, Outcome | undefined>()
  #unasked = 0

  made(token: string): void {
    this.#outcomes.set(token, undefined)
  }

  /** The answer to a call has come. */
  settled(token: string, { result, error }: Message): void {
    const delivered = DELIVERIES.find((word) => word === error?.data?.delivered) ?? 'nothing said'
    this.#outcomes.set(token, result?.token === token ? 'answered' : delivered)
  }

  /** A message has come that answers no call in flight. */
  unasked({ method }: Message): void {
    if (method === undefined) this.#unasked++
  }

  /** How many calls there are of each outcome. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const outcome of this.#outcomes.values()) counts[outcome ?? 'none'] = (counts[outcome ?? 'none'] ?? 0) + 1
    return counts
  }

  /** What was promised of the calls; `executed` are the tokens of what the server did, one for each time, `strays` answers that came besides. */
  promises(executed: readonly string[], strays = 0): ChaosPromise[] {
    const times = new Map<string, number>()
    for (const token of executed) times.set(token, (times.get(token) ?? 0) + 1)
    const calls = [...this.#outcomes].map(([token, outcome]) => ({ outcome, times: times.get(token) ?? 0 }))
    const none = (what: string, isBroken: (call: (typeof calls)[number]) => boolean, more = 0): ChaosPromise => {
      return { what, unit: 'count', must: 0, measured: calls.filter(isBroken).length + more }
    }
    return [
      none('calls executed twice', (call) => call.times > 1),
      none('calls without an outcome', ({ outcome }) => outcome === undefined),
      none('calls with two outcomes', () => false, this.#unasked + strays),
      none('errors that do not say whether it was delivered', ({ outcome }) => outcome === 'nothing said'),
      none('said not to be delivered, yet executed', (call) => call.outcome === 'no' && call.times > 0),
      none('said to be answered or delivered, yet not executed', (call) => isSure(call.outcome) && call.times === 0),
    ]
  }
}

function isSure(outcome: Outcome | undefined): boolean {
  return outcome === 'answered' || outcome === 'yes'
}
