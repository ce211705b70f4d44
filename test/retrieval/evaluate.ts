import { percentile } from '../bench/samples.ts'
import type { LabelledQuery, LabelledSet } from './labelled-set.ts'
import type { Method } from './methods.ts'
import { meanScore, type Score, scoreRanking } from './score.ts'

/** How well answers are left empty where no tool fits, each 0..1: of those that were, how many should; of those that should, how many were. */
export interface Abstention {
  precision: number
  recall: number
}

/** What a method makes of a number of queries. */
export interface Result {
  queries: number
  /** Over the queries for which a tool fits. */
  score: Score
  /** Undefined where every query has a tool that fits. */
  abstention: Abstention | undefined
  /** Milliseconds. */
  latency: { p50: number; p99: number }
}

/** A method's results on a set: over all queries, over each half and over each kind of query. */
export interface SetResults {
  all: Result
  tuned: Result
  heldOut: Result
  kinds: Record<string, Result>
}

interface Answer {
  query: LabelledQuery
  score: Score | undefined
  abstains: boolean
  ms: number
}

/** Asks a method every query of a set. */
export function evaluate(set: LabelledSet, method: Method): SetResults {
  const find = method.prepare(set)
  const answers = set.queries.map((query) => ask(query, find, set.toolIds))
  const byKind = Map.groupBy(answers, ({ query }) => query.kind)
  return {
    all: summarize(answers),
    tuned: summarize(answers.filter(({ query }) => query.half === 'tuned')),
    heldOut: summarize(answers.filter(({ query }) => query.half === 'held out')),
    kinds: Object.fromEntries(Array.from(byKind, ([kind, ofKind]) => [kind, summarize(ofKind)])),
  }
}

function ask(query: LabelledQuery, find: ReturnType<Method['prepare']>, toolIds: readonly string[]): Answer {
  const start = performance.now()
  const { places, abstains } = find(query.query)
  const ms = performance.now() - start
  const found = places.map((place) => toolIds[place] ?? '')
  return { query, score: query.groups.length === 0 ? undefined : scoreRanking(query, found), abstains, ms }
}

function summarize(answers: readonly Answer[]): Result {
  const times = answers.map(({ ms }) => ms)
  return {
    queries: answers.length,
    score: meanScore(answers.flatMap(({ score }) => score ?? [])),
    abstention: toAbstention(answers),
    latency: { p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
  }
}

function toAbstention(answers: readonly Answer[]): Abstention | undefined {
  const unanswerable = answers.filter(({ score }) => score === undefined)
  if (unanswerable.length === 0) return undefined
  const right = unanswerable.filter(({ abstains }) => abstains).length
  return { precision: right / answers.filter(({ abstains }) => abstains).length, recall: right / unanswerable.length }
}
