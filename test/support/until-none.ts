import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 50

/** Waits until a count is 0, at most so long. Resolves with what it is then. */
export async function untilNone(count: () => number | Promise<number>, deadlineMs: number): Promise<number> {
  const deadline = performance.now() + deadlineMs
  let left = await count()
  for (; left > 0 && performance.now() < deadline; left = await count()) await sleep(POLL_MS)
  return left
}
