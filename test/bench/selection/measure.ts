import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Rounds, summarize } from '../samples.ts'

/** What is measured of a contestant besides its queries. Milliseconds and bytes; undefined where it has no such thing. */
export interface Made {
  index: number
  load: number | undefined
  memory: number
}

/** What was measured of one contestant, in milliseconds and bytes. */
export interface Measured extends Made {
  query: { calls: number; p50: number; p99: number }
}

export type Results = { tools: number } & Record<Name, Measured>

/** How much to measure: rounds of queries, of which MiniSearch is asked one in so many, and how often both make their index. */
export interface SelectionPlan {
  readonly warmUpRounds: number
  readonly rounds: number
  readonly othersEvery: number
  readonly tries: number
}

/** What a contestant is told to do: search for every query once, or make its index anew. It answers with `number[]` or {@link Made}. */
export type ContestantOrder = 'search' | 'make'

type Name = 'pilotlight' | 'minisearch'

// It takes a fraction of the other's time, and what one query in a hundred takes is not seen in a few.
const TURNS_OF_OURS = 3
const CONTESTANT = join(import.meta.dirname, 'contestant.ts')

/** Measures both over so many tools, their rounds of queries in turn, each in a process of its own. */
export async function measureSelection(
  tools: number,
  { warmUpRounds, rounds, othersEvery, tries }: SelectionPlan,
  signal: AbortSignal,
): Promise<Results> {
  const [pilotlight, minisearch] = [
    start('pilotlight', [tools, tries, 1]),
    start('minisearch', [tools, tries, othersEvery]),
  ]
  try {
    const times: Record<Name, number[][]> = { pilotlight: [], minisearch: [] }
    // The other does so much for a query that those before each round have warmed it.
    for (let round = 0; round < warmUpRounds; round++) await ask(pilotlight, 'search')
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      for (let turn = 0; turn < TURNS_OF_OURS; turn++) times.pilotlight.push(await ask<number[]>(pilotlight, 'search'))
      times.minisearch.push(await ask<number[]>(minisearch, 'search'))
    }
    const measured = async (contestant: Contestant, all: Rounds): Promise<Measured> => {
      const { calls, p50, p99 } = summarize(all)
      return { ...(await ask<Made>(contestant, 'make')), query: { calls, p50, p99 } }
    }
    return {
      tools,
      pilotlight: await measured(pilotlight, times.pilotlight),
      minisearch: await measured(minisearch, times.minisearch),
    }
  } finally {
    for (const { child } of [pilotlight, minisearch]) child.kill()
  }
}

interface Contestant {
  child: ChildProcess
  /** Aborted when it has ended. */
  ended: AbortSignal
}

function start(name: Name, numbers: readonly number[]): Contestant {
  const child = fork(CONTESTANT, [name, ...numbers.map(String)])
  const end = new AbortController()
  child.once('exit', (code, signal) => end.abort(new Error(`${name} ended (${signal ?? code}).`)))
  return { child, ended: end.signal }
}

/** Rejects where the contestant ends instead of answering. */
async function ask<Answer>({ child, ended }: Contestant, order: ContestantOrder): Promise<Answer> {
  child.send(order)
  const [answer] = (await once(child, 'message', { signal: ended })) as [Answer]
  return answer
}
