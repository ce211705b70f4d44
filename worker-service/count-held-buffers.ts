import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 count what buffers hold towards its next full collection, and not all that were ever made. Else it collects everything after each
 * fifty answers of 100 KB, which is half of what they cost the worker. From 14.8 on V8 does so by itself and knows no such flag.
 */
export function countHeldBuffers(v8Version = process.versions.v8): void {
  if (isAskedFor(v8Version)) setFlagsFromString('--external-memory-accounted-in-global-limit')
}

/** Whether this V8 has the flag. What it does not know it complains of on stderr. */
function isAskedFor(v8Version: string): boolean {
  const [major = 0, minor = 0] = v8Version.split('.').map(Number)
  return (major === 13 && minor >= 6) || (major === 14 && minor < 8)
}
