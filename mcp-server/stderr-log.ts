import { escapeUnsafe } from '../shared/escape-unsafe.ts'

/** Plain lines for whoever reads the front's stderr, usually the log of an MCP client. */
export interface StderrLog {
  line(text: string): void
  /** For what may happen a thousand times: one line per second and `kind`; the next one says how many were left out. */
  sparse(kind: string, text: string): void
}

const SPARSE_INTERVAL_MS = 1_000

/** Makes a log that writes `<command>: <text>` lines. What comes from outside is escaped, so that a line stays one line. */
export function createStderrLog(command: string, write: (line: string) => void, now: () => number): StderrLog {
  const kinds = new Map<string, { writtenAt: number; leftOut: number }>()
  const line = (text: string) => write(`${command}: ${escapeUnsafe(text)}\n`)
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
