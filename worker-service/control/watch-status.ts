import { setTimeout as sleep } from 'node:timers/promises'
import type { Status } from '../../shared/contracts/server-status.ts'

const SAMPLE_EVERY_MS = 250

/** Looks at the status at most four times a second, however many ask. */
export function createStatusSampler(read: () => Status, now = () => performance.now()): () => Status {
  let sample: { status: Status; at: number } | undefined
  return () => {
    if (sample === undefined || now() - sample.at >= SAMPLE_EVERY_MS) sample = { status: read(), at: now() }
    return sample.status
  }
}

/** The status as it is and whenever it has changed, until the signal aborts. Whoever takes one late is told how it is by then. */
export async function* watchStatus(read: () => Status, signal: AbortSignal): AsyncGenerator<Status, void> {
  let told = ''
  while (!signal.aborted) {
    const status = read()
    const news = newsOf(status)
    if (news !== told) yield status
    told = news
    await sleep(SAMPLE_EVERY_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}

// Time passes and memory wavers: that is no change.
function newsOf({ service, servers }: Status): string {
  return JSON.stringify([
    { ...service, uptime_s: 0 },
    servers.map((server) => ({ ...server, memory_mb: server.memory_mb === null ? null : 0 })),
  ])
}
