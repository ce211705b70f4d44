/** A time in the unit that reads best: `41 µs`, `1.24 ms`, `52.3 ms`, `1.60 s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms < 1) return `${threeDigits(ms * 1_000, 0)} µs`
  return ms < 1_000 ? `${threeDigits(ms)} ms` : `${threeDigits(ms / 1_000)} s`
}

/** A ratio with the digits that can be believed: `0.42×`, `4.31×`, `12.6×`, `1,480×`. */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${threeDigits(ratio)}×` : '–'
}

/** A whole number with its thousands apart. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** An amount of memory in MB (10^6 bytes). */
export function formatMemory(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${(bytes / 1e6).toFixed(1)} MB`
}

/** An amount of bytes in the unit that reads best (powers of 1,000): `812 B`, `1.02 KB`, `64.0 MB`, `6.80 GB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–'
  const size = Math.abs(bytes)
  if (size < 1e3) return `${Math.round(bytes)} B`
  if (size < 1e6) return `${threeDigits(bytes / 1e3)} KB`
  return size < 1e9 ? `${threeDigits(bytes / 1e6)} MB` : `${threeDigits(bytes / 1e9)} GB`
}

function threeDigits(value: number, mostDecimals = 2): string {
  const decimals = value < 10 ? 2 : value < 100 ? 1 : 0
  const digits = Math.min(decimals, mostDecimals)
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
