import type { FrameStream } from '../shared/frame-writer.ts'

/**
 * Takes stdout for protocol frames: what anybody else writes there from now on, by `console.log` too, lands on stderr. Returns the way to
 * write to it that is left.
 */
export function claimStdout({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): FrameStream {
  const claimed: FrameStream = {
    write: stdout.write.bind(stdout),
    cork: () => stdout.cork(),
    uncork: () => stdout.uncork(),
    get writableLength() {
      return stdout.writableLength
    },
    get writableNeedDrain() {
      return stdout.writableNeedDrain
    },
  }
  stdout.write = stderr.write.bind(stderr)
  return claimed
}
