import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { OwnWorker } from '../support/own-worker.ts'

const PROGRAM = join(import.meta.dirname, '../fixtures/servers/big-grandchild.cjs')
const SERVER = { command: process.execPath, args: [PROGRAM], heartbeatSeconds: 0.2 }

it('stops a server whose descendants hold more memory than it may, once it is idle', async () => {
  const mcpServers = { bounded: { ...SERVER, maxMemoryMb: 200 }, free: SERVER }
  await using worker = await OwnWorker.start({ mcpServers })
  const rows = async () => (await worker.status()).servers
  const hold = (mb: number) => [
    worker.execute('bounded', { tool: 'hold', arguments: { mb } }),
    worker.execute('free', { tool: 'hold', arguments: { mb } }),
  ]
  for (const call of hold(1)) expect(await call).toMatchObject({ status: 200 })
  expect(await rows()).toMatchObject([{ state: 'ready' }, { state: 'ready' }])
  for (const call of hold(200)) expect(await call).toMatchObject({ status: 200 })
  await vi.waitFor(
    async () => {
      const [bounded, free] = await rows()
      expect(bounded).toMatchObject({
        state: 'cold',
        why: expect.stringMatching(/^it used [2-9]\d\d MB, over its 200 MB\.$/),
      })
      expect(free).toMatchObject({ state: 'ready' })
      expect(free?.memory_mb).toBeGreaterThan(200)
    },
    { interval: 50 },
  )
  expect(await worker.execute('bounded', { tool: 'hold', arguments: { mb: 1 } })).toMatchObject({ status: 200 })
})
