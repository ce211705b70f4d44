import { vi } from 'vitest'

/** Waits until a call is under way, as is asked now and then; or over, where the machine stood still meanwhile. */
export async function untilUnderWay(call: Promise<unknown>, isUnderWay: () => Promise<boolean>): Promise<void> {
  const underWay = vi.waitUntil(isUnderWay, { interval: 5 }).catch(() => {})
  await Promise.race([underWay, call])
}
