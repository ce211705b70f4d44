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

/** The promise that there is none of something, and how many there were. */
export function none(what: string, measured: number): ChaosPromise {
  return { what, unit: 'count', must: 0, measured }
}
