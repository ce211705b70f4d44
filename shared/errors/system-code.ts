/** The code that Node gives an error of the system (`ENOENT`); empty where there is none. */
export function systemCodeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}

/** Whether a socket could not be connected to because nobody listens there. */
export function isNobodyListening(thrown: unknown): boolean {
  // macOS tells a file that is no socket apart.
  return ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].includes(systemCodeOf(thrown))
}
