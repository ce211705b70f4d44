import type { Ratio } from './samples.ts'

/** A promise about a figure: `must` is the floor of what is accepted, `aim` what is wanted. */
export interface Goal {
  id: string
  what: string
  unit: 'ratio' | 'count' | 'bytes' | 'ms'
  bound: 'at most' | 'at least'
  must: number
  aim?: number
  measured: number
}

/** A goal with the spread of its ratio over the rounds, where it has one. */
export type MeasuredGoal = Goal & { spread?: Pick<Ratio, 'lowest' | 'highest'> }

export type Verdict = 'aim met' | 'ok' | 'missed'

/** How a measured goal stands. What could not be measured is missed. */
export function judge({ bound, must, aim, measured }: Goal): Verdict {
  const holds = (limit: number) => (bound === 'at most' ? measured <= limit : measured >= limit)
  if (!holds(must)) return 'missed'
  return aim !== undefined && holds(aim) ? 'aim met' : 'ok'
}
