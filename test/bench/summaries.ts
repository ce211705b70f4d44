import { type Ratio, type Rounds, ratioOfMedians, type Summary, summarize } from './samples.ts'

/** What each load took on each way, and how that is to the same load with nothing between. Milliseconds. */
export function summariesOf(
  calls: Readonly<Record<string, Readonly<Record<string, Rounds>>>>,
): Record<string, Record<string, Summary & { to_direct: Ratio }>> {
  return mapValues(calls, (times) =>
    mapValues(times, (rounds) => ({ ...summarize(rounds), to_direct: ratioOfMedians(rounds, times.direct ?? []) })),
  )
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]))
}
