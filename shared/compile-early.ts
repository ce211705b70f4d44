import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 compile with all its means what has run 500 times, and not only after 3,000: what serves calls does the same little for as long
 * as it lives, for a half to four fifths of the processor's time once that is compiled. What a V8 does not know it complains of on stderr.
 */
export function compileEarly(v8Version = process.versions.v8): void {
  if (isKnown(v8Version)) setFlagsFromString('--invocation-count-for-turbofan=500')
}

// Those of Node 22 to 26 have the flag.
function isKnown(v8Version: string): boolean {
  const major = Number.parseInt(v8Version, 10)
  return major >= 12 && major <= 14
}
