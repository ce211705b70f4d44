import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../../bench/samples.ts'
import type { LineClient } from '../../support/line-client.ts'
import { keepPace } from '../open-loop.ts'
import { type ChaosPromise, none } from '../promises.ts'

/** What became of the calls of one round. */
export interface LoadRound {
  /** Milliseconds from each call to its answer. */
  readonly times: number[]
  failed: number
  unanswered: number
}

/** The p99 of all calls of these rounds, in milliseconds. */
export function p99Of(rounds: readonly LoadRound[]): number {
  return percentile(
    rounds.flatMap(({ times }) => times),
    0.99,
  )
}

/** The promise that every call of these rounds was answered. */
export function othersServed(rounds: readonly LoadRound[]): ChaosPromise[] {
  const countOf = (kind: 'failed' | 'unanswered') => rounds.reduce((sum, { [kind]: count }) => sum + count, 0)
  return [none('failed calls of others', countOf('failed')), none('unanswered calls of others', countOf('unanswered'))]
}

const ANSWER_DEADLINE_MS = 60_000
const POLL_MS = 5
const now = () => performance.now()

/** Calls the clients' servers (`well-behaved`) in turn at an even rate for so long, whatever the answers do. */
export async function callSteadily(
  clients: readonly LineClient[],
  { forMs, callsPerSecond }: { forMs: number; callsPerSecond: number },
  signal: AbortSignal,
): Promise<LoadRound> {
  const round: LoadRound = { times: [], failed: 0, unanswered: 0 }
  let made = 0
  const call = async () => {
    const client = clients[made++ % clients.length]
    round.unanswered++
    const sentAt = now()
    const answer = await client?.call('read_file')
    round.unanswered--
    round.times.push(now() - sentAt)
    if (answer?.error !== undefined) round.failed++
  }
  const pace = { calls: Math.round((forMs / 1_000) * callsPerSecond), callsPerSecond }
  await keepPace(pace, { call: () => void call(), now }, signal)
  for (const until = now() + ANSWER_DEADLINE_MS; round.unanswered > 0 && now() < until; )
    await sleep(POLL_MS, undefined, { signal })
  return round
}
