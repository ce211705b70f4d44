const MAX_MISTYPED = 2
const MAX_NAMES = 3
const MIN_PART_LETTERS = 3
// Enough of a name to tell it from others.
const MAX_LETTERS = 40

/** The known name that this one was most likely meant to be: at most two letters off, case and separators aside. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const typed = lettersOf(name)
  const limit = Math.min(MAX_MISTYPED, Math.floor(typed.length / 3))
  const [nearest] = known
    .map((one) => ({ one, letters: lettersOf(one) }))
    .filter(({ letters }) => Math.abs(letters.length - typed.length) <= limit)
    .map(({ one, letters }) => ({ one, distance: editDistance(typed, letters) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
  return nearest?.one
}

/** Up to three known names that this one may have been meant to be, nearest first: a third of its letters may be wrong, or one is part of the other. */
export function nearestNames(name: string, known: readonly string[]): string[] {
  const typed = lettersOf(name)
  const near = known.flatMap((one) => {
    const letters = lettersOf(one)
    const distance = editDistance(typed, letters)
    return distance <= typed.length / 3 || isPartOfTheOther(typed, letters) ? [{ one, distance }] : []
  })
  return near
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MAX_NAMES)
    .map(({ one }) => one)
}

function isPartOfTheOther(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= MIN_PART_LETTERS && (a.includes(b) || b.includes(a))
}

function lettersOf(name: string): string {
  return name.slice(0, MAX_LETTERS).toLowerCase().replaceAll(/[-_ ]/g, '')
}

/** How many letters have to be added, left out, replaced or swapped with the next to make one text of the other (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1]
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (from[index] === to[column] ? 0 : 1)
      const isSwapped = from[index] === to[column - 1] && from[index - 1] === to[column]
      const swapped = isSwapped ? (before[column - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, swapped, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
