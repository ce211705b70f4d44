import { summarize } from '../samples.ts'
import { CONCURRENCIES, combineLoads, type Results } from './results.ts'

/** The results for a program to read. Times are milliseconds, memory is bytes. */
export function toJson(results: Results): Record<string, unknown> {
  const { latencies, loads, memory, titles } = results
  return {
    latency_ms: Object.fromEntries(
      Object.entries(latencies).map(([path, rounds]) => [path, { title: titles[path], ...summarize(rounds) }]),
    ),
    calls_per_second: Object.fromEntries(
      Object.entries(loads).map(([path, byConcurrency]) => [
        path,
        Object.fromEntries(CONCURRENCIES.map((concurrency) => [concurrency, combineLoads(byConcurrency[concurrency])])),
      ]),
    ),
    worker_memory_bytes: memory,
  }
}
