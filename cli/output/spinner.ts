import { writeStandardError } from '../../shared/standard-streams.ts'
import { escapeLine } from './escape.ts'

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const FRAME_MS = 80
/** What is said while one turns begins with this. */
export const CLEAR_LINE = '\r\x1b[2K'
const MAX_LABEL_CHARACTERS = 60

/** Turns on stderr, which is a terminal, until it is stopped; nothing of it stays. */
export function startSpinner(label: string): () => void {
  const shown = escapeLine(label).slice(0, MAX_LABEL_CHARACTERS)
  const startedAt = performance.now()
  let frame = 0
  const turn = () => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
    writeStandardError(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${shown} ${seconds} s`)
  }
  turn()
  const timer = setInterval(turn, FRAME_MS)
  return () => {
    clearInterval(timer)
    writeStandardError(CLEAR_LINE)
  }
}
