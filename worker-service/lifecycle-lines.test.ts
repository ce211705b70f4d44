import { describe, expect, it } from 'vitest'
import { RecordingPoolObserver } from '../test/support/recording-pool-observer.ts'
import { notingLifecycle } from './lifecycle-lines.ts'

function noting() {
  const noted: string[] = []
  const inner = new RecordingPoolObserver()
  const observer = notingLifecycle(
    inner,
    (server, line) => noted.push(`${server}| ${line}`),
    () => 0,
  )
  return { noted, told: inner.lines, observer }
}

const TIME = '1970-01-01T00:00:00.000Z'

describe('notingLifecycle', () => {
  it('notes what becomes of a server, and tells it on', () => {
    const { noted, told, observer } = noting()
    observer.serverStarting('one', 'it is needed.')
    observer.serverReady('one', { tookMs: 12.3, greeting: Buffer.from('{}') })
    observer.serverFell('one', { why: 'it exited with 1.', retryAfterMs: 99.6, isFailed: false })
    observer.serverFell('one', { why: 'it exited with 1.', retryAfterMs: 30_000, isFailed: true })
    observer.serverStopped('one', 'it was idle.')
    expect(noted).toEqual([
      `one| ${TIME} pilotlight: starting: it is needed.`,
      `one| ${TIME} pilotlight: ready after 12 ms`,
      `one| ${TIME} pilotlight: fell: it exited with 1. Next attempt in 100 ms`,
      `one| ${TIME} pilotlight: failed: it exited with 1. Next attempt in 30000 ms`,
      `one| ${TIME} pilotlight: stopped: it was idle.`,
    ])
    expect(told).toEqual([
      'one starting: it is needed.',
      'one ready',
      'one fell, again in 99.6 ms',
      'one failed, again in 30000 ms',
      'one stopped: it was idle.',
    ])
  })

  it('lets nothing into the log that a terminal or a reader of lines would obey', () => {
    const { noted, observer } = noting()
    observer.serverStopped('one', 'two\nlines \u001b[31mred\u001b[0m \u202e')
    expect(noted).toEqual([`one| ${TIME} pilotlight: stopped: two`, `one| ${TIME} pilotlight: lines red \\u{202e}`])
  })
})
