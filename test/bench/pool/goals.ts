import type { MeasuredGoal } from '../goal.ts'
import { ratioOfMedians } from '../samples.ts'
import type { Load, Times } from './measure.ts'
import { bytesOfAllCopies, CLIENTS, KNOWN_SERVERS, type MemoryResults, SERVERS } from './measure-memory.ts'
import type { Path } from './stage.ts'

/** Everything that was measured. */
export type Results = Record<Load['id'], Times<Path>>

/** The goals of a call's time, with what was measured; all are ratios to the same call without a worker. */
export function goalsOf(results: Results): MeasuredGoal[] {
  const atMost = (
    id: string,
    what: string,
    [must, aim, load, path]: [number, number, Load['id'], Path],
  ): MeasuredGoal => {
    const { ratio, lowest, highest } = ratioOfMedians(results[load][path], results[load].direct)
    const measured = { measured: ratio, spread: { lowest, highest }, compared: load }
    return { id, what, unit: 'ratio', bound: 'at most', must, aim, ...measured }
  }
  // Calls per second are the inverse of the time that each takes.
  const { ratio, lowest, highest } = ratioOfMedians(results['calls at 100'].direct, results['calls at 100'].socket)
  return [
    atMost('G3', 'a warm call over the socket', [1.5, 1.3, 'call', 'socket']),
    atMost('G4', 'a warm call through pilot connect', [2.4, 2, 'call', 'connect']),
    {
      id: 'G6',
      what: 'calls/s at 100 over the socket',
      unit: 'ratio',
      bound: 'at least',
      must: 0.95,
      aim: 1.5,
      measured: ratio,
      spread: { lowest, highest },
      compared: 'calls at 100',
    },
    atMost('G7', '5 MB over the socket', [0.35, 0.27, '5 MB', 'socket']),
    atMost('G7', '5 MB through pilot connect', [1.25, 1.1, '5 MB', 'connect']),
    atMost('G7', '100 KB over the socket', [1.25, 1.1, '100 KB', 'socket']),
    atMost('G7', '100 KB through pilot connect', [1.6, 1.3, '100 KB', 'connect']),
  ]
}

/** The goals of memory, with what was measured. */
export function memoryGoalsOf(results: MemoryResults): MeasuredGoal[] {
  const { known, perClient, shared } = results
  const atMost = { unit: 'bytes', bound: 'at most' } as const
  return [
    {
      id: 'G11',
      what: `worker, ${KNOWN_SERVERS} servers known`,
      ...atMost,
      must: 90e6,
      aim: 70e6,
      measured: known,
      compared: 'memory',
    },
    { id: 'G11', what: 'a live client', ...atMost, must: 50e3, aim: 20e3, measured: perClient },
    {
      id: 'G12',
      what: `processes for ${CLIENTS} clients × ${SERVERS} servers`,
      unit: 'count',
      bound: 'at most',
      must: SERVERS,
      measured: shared.count,
    },
    {
      id: 'G12',
      what: 'copies of the servers, to shared ones',
      unit: 'ratio',
      bound: 'at least',
      // A twentieth, a tenth more at most.
      must: CLIENTS / 1.1,
      aim: CLIENTS,
      measured: bytesOfAllCopies(results) / shared.bytes,
    },
  ]
}
