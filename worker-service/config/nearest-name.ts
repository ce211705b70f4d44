const MAX_MISTYPED = 2
// Longer than any name that is known.
const MAX_LETTERS = 40

/** The known name that this one was most likely meant to be: at most two letters off, case and separators aside. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const typed = lettersOf(name)
  const limit = Math.min(MAX_MISTYPED, Math.floor(typed.length / 3))
  const [nearest] = known
    .map((one) => ({ one, distance: editDistance(typed, lettersOf(one)) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
  return nearest?.one
}

function lettersOf(name: string): string {
  return name.slice(0, MAX_LETTERS).toLowerCase().replaceAll(/[-_ ]/g, '')
}

/** How many letters have to be added, left out or replaced to make one text of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1]
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (from[index] === to[column] ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
