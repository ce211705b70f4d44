import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findFreePort } from '../../test/support/free-port.ts'
import { commandOf } from '../../test/support/processes.ts'
import { createTemporaryHome } from '../../test/support/temporary-home.ts'
import { startWorker } from '../../test/support/worker-process.ts'

it.each([
  [{}, ' --max-semi-space-size='],
  [{ NODE_OPTIONS: '--max-semi-space-size=16' }, ' '],
])('bounds where new things lie on the heap, unless it is bounded: %j', async (options, between) => {
  await using home = await createTemporaryHome(process.env.PATH ?? '')
  const start = { variables: { ...home.variables, ...options }, stderrPath: join(home.path, 'worker.log') }
  await using worker = await startWorker(await findFreePort(), start)
  expect(commandOf(worker.pid)).toContain(`${process.execPath}${between}`)
  expect(commandOf(worker.pid)).toMatch(/ (--max-semi-space-size=\d+ )?\S*pilot\.cjs service run$/)
  worker.kill('SIGTERM')
  expect(await worker.exited).toBe(0)
  expect(worker.lastWords).not.toContain('Warning')
})
