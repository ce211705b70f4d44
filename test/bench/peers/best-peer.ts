import type { Compared, PeerFigure } from '../goal.ts'
import type { Ratio, Summary } from '../samples.ts'

/** What this section leaves for others to compare with. Milliseconds and bytes. */
export interface PeerJson {
  readonly calls: Readonly<
    Record<string, Readonly<Record<string, Pick<Summary, 'p50'> & { to_direct: Pick<Ratio, 'ratio'> }>>>
  >
  readonly gateways: Readonly<Record<string, { memoryBytes: number }>>
  /** The titles of those that are not ours. */
  readonly others: readonly string[]
}

/** The way of a direct call over HTTP, which ways over HTTP are compared with. */
export const DIRECT_HTTP = 'direct over HTTP'

/** The best of others at this; undefined where none was measured. */
export function bestPeer(compared: Compared, { calls, gateways, others }: PeerJson): PeerFigure | undefined {
  const figureOf = (title: string): number | undefined => {
    if (compared === 'memory') return gateways[title]?.memoryBytes
    if (compared !== 'call over HTTP') return calls[compared]?.[title]?.to_direct.ratio
    const direct = calls.call?.[DIRECT_HTTP]?.p50
    const own = title.endsWith('→ HTTP') ? calls.call?.[title]?.p50 : undefined
    return own === undefined || direct === undefined ? undefined : own / direct
  }
  const figures = others.flatMap((title) => {
    const measured = figureOf(title)
    return measured === undefined ? [] : [{ title, measured }]
  })
  const [best] = figures.toSorted((one, other) => one.measured - other.measured)
  if (best === undefined || compared !== 'calls at 100') return best
  // A share of the calls per second, where the ratio is that of times.
  return { ...best, measured: 1 / best.measured }
}
