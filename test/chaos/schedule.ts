import { seededRandom } from './seeded-random.ts'

/** What is done to the worker. One that is ended (SIGTERM) finishes what it can. A stopped one (SIGSTOP) still accepts connections and answers nothing. */
type Fault = { name: 'kill' | 'end' } | { name: 'stop'; forMs: number; ending: 'continue' | 'kill' }

/** A fault and when it happens, in milliseconds from the first call. */
export interface ScheduledFault {
  atMs: number
  fault: Fault
}

const KILL_SHARE = 0.8
const BETWEEN_FAULTS_MS = [1_000, 3_000] as const
const STOPPED_MS = [500, 3_000] as const

/** The faults of a run of `durationMs`: one every one to three seconds, counted from the end of the one before, most of them kills. */
export function scheduleFaults(seed: number, durationMs: number): ScheduledFault[] {
  const random = seededRandom(seed)
  const between = ([from, to]: readonly [number, number]) => Math.round(from + random() * (to - from))
  const faults: ScheduledFault[] = []
  for (let atMs = between(BETWEEN_FAULTS_MS); atMs < durationMs; atMs += between(BETWEEN_FAULTS_MS)) {
    if (random() < KILL_SHARE) {
      faults.push({ atMs, fault: { name: 'kill' } })
    } else {
      const forMs = between(STOPPED_MS)
      faults.push({ atMs, fault: { name: 'stop', forMs, ending: random() < 0.5 ? 'continue' : 'kill' } })
      atMs += forMs
    }
  }
  return faults
}

const RESTARTS_APART_MS = [100, 1_200] as const

/** So many faults, a good part of each kind, one after another with little time between. */
export function scheduleRestarts(seed: number, count: number): ScheduledFault[] {
  const random = seededRandom(seed)
  const between = ([from, to]: readonly [number, number]) => Math.round(from + random() * (to - from))
  let atMs = 0
  return Array.from({ length: count }, () => {
    atMs += between(RESTARTS_APART_MS)
    const chosen = random()
    if (chosen < 0.5) return { atMs, fault: { name: 'kill' } }
    if (chosen < 0.75) return { atMs, fault: { name: 'end' } }
    const forMs = between(STOPPED_MS)
    const fault = { name: 'stop', forMs, ending: random() < 0.5 ? 'continue' : 'kill' } as const
    const stopped = { atMs, fault }
    atMs += forMs
    return stopped
  })
}

/** A fault in a few characters: `2.1 kill`, `4.0 stop 1.2 continue`; seconds. */
export function describeFault({ atMs, fault }: ScheduledFault): string {
  const what = fault.name !== 'stop' ? fault.name : `stop ${seconds(fault.forMs)} ${fault.ending}`
  return `${seconds(atMs)} ${what}`
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1)
}
