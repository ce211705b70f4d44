import { isTerminal } from './is-terminal.ts'
import { startSpinner } from './spinner.ts'

const PATIENCE_MS = 500

/** Waits for work; on a terminal a spinner says for what, once that has taken half a second. */
export async function waiting<T>(label: string, work: () => Promise<T>): Promise<T> {
  if (!isTerminal(2)) return work()
  let stop = () => {}
  const timer = setTimeout(() => (stop = startSpinner(label)), PATIENCE_MS)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
    stop()
  }
}
