import { hasten, type Load, measure, type Times } from '../pool/measure.ts'
import type { MeasureOptions } from '../section.ts'
import { type GatewayResults, measureFailures } from './measure-failures.ts'
import { openStage, type PeerStage } from './stage.ts'

/** What each way took, by load and by the way's title, and the peers that were left out, with the reason. */
export interface PeerResults {
  calls: Readonly<Record<string, Times<string>>>
  failures: PeerStage['failures']
  /** What becomes of clients and servers when something dies, by the way's title. */
  gateways: Readonly<Record<string, GatewayResults>>
}

const LOADS: readonly Load[] = [
  { id: 'call', length: 20, concurrency: 1, calls: 150, rounds: 9 },
  { id: 'calls at 100', length: 20, concurrency: 100, calls: 500, rounds: 6 },
  { id: '100 KB', length: 100_000, concurrency: 1, calls: 40, rounds: 6 },
  { id: '5 MB', length: 5_000_000, concurrency: 1, calls: 2, rounds: 6 },
]

/** Measures every load on every way, interleaved, and then, where it need not be quick, what becomes of each way when something dies. */
export async function measureAll(options: MeasureOptions, signal: AbortSignal): Promise<PeerResults> {
  const { calls, failures } = await measureCalls(options, signal)
  if (options.quick) return { calls, failures, gateways: {} }
  const gateways = await measureFailures(options, signal)
  return { calls, gateways: gateways.results, failures: new Map([...gateways.failures, ...failures]) }
}

async function measureCalls(options: MeasureOptions, signal: AbortSignal): Promise<Omit<PeerResults, 'gateways'>> {
  await using stage = await openStage(options, signal)
  const calls: Record<string, Times<string>> = {}
  for (const load of LOADS) {
    options.say(load.id)
    calls[load.id] = await measure(options.quick ? hasten(load) : load, stage.contestants, signal)
  }
  return { calls, failures: stage.failures }
}
