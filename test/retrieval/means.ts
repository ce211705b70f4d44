import type { SetResults } from './evaluate.ts'
import { meanScore, type Score } from './score.ts'

/** The results on one set, by the title of the method; the first is ours. */
export interface SetReport {
  set: string
  tools: number
  methods: Readonly<Record<string, SetResults>>
}

/** What a run comes to. */
export interface Results {
  node: string
  sets: readonly SetReport[]
  means: Readonly<Record<string, Means>>
}

/** A method's mean over sets, each of which counts the same however many queries it has. */
export type Means = Record<'all' | 'tuned' | 'heldOut', Score>

/** The means of each method, by its title; none where there are no sets. */
export function meansOf(reports: readonly SetReport[]): Record<string, Means> {
  const titles = Object.keys(reports[0]?.methods ?? {})
  const meanOf = (title: string, part: keyof Means) =>
    meanScore(reports.flatMap(({ methods }) => methods[title]?.[part].score ?? []))
  return Object.fromEntries(
    titles.map((title) => [
      title,
      { all: meanOf(title, 'all'), tuned: meanOf(title, 'tuned'), heldOut: meanOf(title, 'heldOut') },
    ]),
  )
}
