import { describe, expect, it } from 'vitest'
import { readinessSchema } from '../shared/contracts/health.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { type ReadinessParts, readinessOf } from './readiness.ts'

const NEVER = new AbortController().signal
const skipped = () => new Map([['b', 'it exited with code 1']])

async function readinessWith(changes: Partial<ReadinessParts>) {
  const parts: ReadinessParts = {
    selector: { check: async () => ({ tools: 2, servers: ['a'] }) },
    catalog: { skipped, pending: () => [] },
    whyClosed: () => undefined,
    ...changes,
  }
  return readinessSchema.parse(await readinessOf(parts, NEVER))
}

describe('readiness', () => {
  it('is there when every server is listed or known not to be', async () => {
    expect(await readinessWith({})).toEqual({
      status: 'ready',
      dependencies: {
        selector: { status: 'ready' },
        catalog: { status: 'ready', tools: 2, servers: ['a'], skipped: { b: 'it exited with code 1' } },
        pool: { status: 'ready' },
      },
    })
  })

  it('waits for servers that were not listed yet, though others are known', async () => {
    expect(await readinessWith({ catalog: { skipped, pending: () => ['c', 'd'] } })).toMatchObject({
      status: 'not_ready',
      dependencies: {
        selector: { status: 'ready' },
        catalog: { status: 'not_ready', reason: 'Not listed yet: c, d.', tools: 2, servers: ['a'] },
      },
    })
  })

  it('needs a selector that answers', async () => {
    const check = () => Promise.reject(new ServiceError('selector_failed', 'It refused the connection.'))
    const notReady = { status: 'not_ready', reason: 'It refused the connection.' }
    expect(await readinessWith({ selector: { check } })).toMatchObject({
      status: 'not_ready',
      dependencies: { selector: notReady, catalog: { ...notReady, tools: 0, servers: [] }, pool: { status: 'ready' } },
    })
  })

  it('needs an answer of the selector within two seconds', async () => {
    const never = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    expect(await readinessWith({ selector: { check: never } })).toMatchObject({
      dependencies: { selector: { status: 'not_ready' } },
    })
  })

  it('ends with the pool', async () => {
    expect(await readinessWith({ whyClosed: () => 'The service is shutting down.' })).toMatchObject({
      status: 'not_ready',
      dependencies: { pool: { status: 'not_ready', reason: 'The service is shutting down.' } },
    })
  })
})
