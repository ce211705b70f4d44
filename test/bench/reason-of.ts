/** Why something is left out, on one line. */
export function reasonOf(thrown: unknown): string {
  return String(thrown instanceof Error ? thrown.message : thrown).split('\n', 1)[0] ?? ''
}
