/** The code that Node gives an error of the system (`ENOENT`); empty where there is none. */
export function systemCodeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}
