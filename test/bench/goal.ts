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

/** The same figure of another program. */
export interface PeerFigure {
  title: string
  measured: number
}

/** A goal with the spread of its ratio over the rounds, where it has one, and the best of others, where they were measured in the same run. */
export type MeasuredGoal = Goal & {
  spread?: Pick<Ratio, 'lowest' | 'highest'>
  peer?: PeerFigure
  /** What the peers are asked for, where another section measures them. */
  compared?: Compared
}

/** What of a goal others are measured by as well. */
export type Compared = 'call' | 'call over HTTP' | 'calls at 100' | '100 KB' | '5 MB' | 'memory'

export type Verdict = 'aim met' | 'ok' | 'missed'

/** Goals by their numbers; what has none comes last. Those of one number stay in their order. */
export function inOrder(goals: readonly MeasuredGoal[]): MeasuredGoal[] {
  const numberOf = ({ id }: Goal) => Number(/^G(\d+)$/.exec(id)?.[1] ?? Number.POSITIVE_INFINITY)
  return goals.toSorted((one, other) => (numberOf(one) === numberOf(other) ? 0 : numberOf(one) - numberOf(other)))
}

/** How a measured goal stands. What could not be measured is missed. */
export function judge({ bound, must, aim, measured }: Goal): Verdict {
  const holds = (limit: number) => (bound === 'at most' ? measured <= limit : measured >= limit)
  if (!holds(must)) return 'missed'
  return aim !== undefined && holds(aim) ? 'aim met' : 'ok'
}
