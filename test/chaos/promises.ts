/** One promise of a chaos run: at most `must` of something. */
export interface ChaosPromise {
  what: string
  unit: 'count' | 'ms' | 'ratio' | 'bytes'
  must: number
  measured: number
}

/** Whether a promise was kept. What could not be measured (NaN) was not. */
export function isKept({ must, measured }: ChaosPromise): boolean {
  return measured <= must
}
