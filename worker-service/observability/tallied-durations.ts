import { Histogram, type HistogramConfiguration } from 'prom-client'

/** How many durations were up to each bound and above the one before, and all of them together, in seconds. */
interface Durations {
  readonly counts: number[]
  total: number
  seconds: number
}

/** A line that prom-client prints of a histogram. */
interface Line {
  readonly metricName: string
  readonly labels: { readonly le?: number | string }
  readonly sharedLabels: Readonly<Record<string, string>>
  readonly value: number
}

/** A histogram of durations by one label that counts them itself, as {@link TalliedCounter} does, and for the same reason. */
export class TalliedDurations<Label extends string> extends Histogram<Label> {
  readonly #name: string
  readonly #help: string
  readonly #label: Label
  readonly #bounds: readonly number[]
  readonly #byValue = new Map<string, Durations>()

  constructor(configuration: HistogramConfiguration<Label> & { labelNames: readonly [Label]; buckets: number[] }) {
    super(configuration)
    this.#name = configuration.name
    this.#help = configuration.help
    this.#label = configuration.labelNames[0]
    this.#bounds = configuration.buckets
  }

  /** Adds a duration, in seconds, under a value of the label. */
  add(value: string, seconds: number): void {
    const durations = this.#of(value)
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket++
    if (bucket < bounds.length) durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1
    durations.total++
    durations.seconds += seconds
  }

  /** What prom-client asks for when it is collected, and its types do not tell of. */
  getForPromString() {
    const values = [...this.#byValue].flatMap(([value, durations]) => this.#linesOf(value, durations))
    return Promise.resolve({ name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values })
  }

  #of(value: string): Durations {
    const known = this.#byValue.get(value)
    if (known !== undefined) return known
    const added = { counts: this.#bounds.map(() => 0), total: 0, seconds: 0 }
    this.#byValue.set(value, added)
    return added
  }

  #linesOf(value: string, { counts, total, seconds }: Durations): Line[] {
    const sharedLabels = { [this.#label]: value }
    const line = (suffix: string, amount: number, le?: number | string): Line => ({
      metricName: `${this.#name}_${suffix}`,
      labels: le === undefined ? {} : { le },
      sharedLabels,
      value: amount,
    })
    let upToBound = 0
    const buckets = this.#bounds.map((bound, index) => line('bucket', (upToBound += counts[index] ?? 0), bound))
    return [...buckets, line('bucket', total, '+Inf'), line('sum', seconds), line('count', total)]
  }
}
