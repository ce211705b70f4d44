/** A `Retry-After` header (seconds, or a date) in milliseconds from `now`, at most `mostMs`; undefined for what is neither. */
export function parseRetryAfter(header: string | undefined, mostMs: number, now = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const afterMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isNaN(afterMs) ? undefined : Math.min(Math.max(afterMs, 0), mostMs)
}
