const SHOWN = 5

/** Names on a line, the first five and how many more there are. */
export function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown
}
