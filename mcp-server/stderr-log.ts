/** Plain lines for whoever reads the front's stderr, usually the log of an MCP client. */
export interface StderrLog {
  line(text: string): void
  /** For what may happen a thousand times: one line per second and `kind`; the next one says how many were left out. */
  sparse(kind: string, text: string): void
}

const SPARSE_INTERVAL_MS = 1_000

// C0 and C1 controls, line separators, zero-width and bidirectional marks: what can forge a line or hide in one.
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Makes a log that writes `<command>: <text>` lines. What comes from outside is escaped, so that a line stays one line. */
export function createStderrLog(command: string, write: (line: string) => void, now: () => number): StderrLog {
  const kinds = new Map<string, { writtenAt: number; leftOut: number }>()
  const line = (text: string) => write(`${command}: ${text.replace(UNSAFE, escapeCharacter)}\n`)
  return {
    line,
    sparse(kind, text) {
      const last = kinds.get(kind)
      if (last !== undefined && now() - last.writtenAt < SPARSE_INTERVAL_MS) {
        last.leftOut++
        return
      }
      kinds.set(kind, { writtenAt: now(), leftOut: 0 })
      line(last?.leftOut ? `${text} (and ${last.leftOut} more like it)` : text)
    },
  }
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
