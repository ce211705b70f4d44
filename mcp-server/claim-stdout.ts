/**
 * Takes stdout for protocol frames: what anybody else writes there from now on, by `console.log` too, lands on stderr.
 * Returns the real write, which says false while the reader lags behind.
 */
export function claimStdout({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): (text: string) => boolean {
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  return write
}
