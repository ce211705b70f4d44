import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { readEnvironment } from '../../shared/environment.ts'
import { ChildRecords } from '../../worker-service/server-pool/connectors/child-records.ts'
import { isMarked, MARKER_VARIABLE } from '../../worker-service/server-pool/connectors/process-table.ts'
import { findFreePort } from '../support/free-port.ts'
import { createTemporaryHome } from '../support/temporary-home.ts'
import { startWorker, untilHealthy } from '../support/worker-process.ts'

it('does not end itself as what the worker left among whose servers it was started', async () => {
  await using home = await createTemporaryHome(process.env.PATH ?? '')
  const recordsFolder = join(readEnvironment(home.variables).folders.runtime, 'children')
  const { marker } = await ChildRecords.open(recordsFolder)
  const ownerFile = join(recordsFolder, marker, 'worker')
  // A process that once had a number nobody has now.
  const owner = { ...JSON.parse(await readFile(ownerFile, 'utf8')), pid: 2 ** 22 + 1, startedAt: '1' }
  await writeFile(ownerFile, JSON.stringify(owner))

  const variables = { ...home.variables, [MARKER_VARIABLE]: marker }
  const port = await findFreePort()
  await using worker = await startWorker(port, { variables, stderrPath: join(home.path, 'worker.log') })
  expect(isMarked(worker.pid, marker)).toBe(false)
  await vi.waitFor(() => expect(readFile(ownerFile)).rejects.toMatchObject({ code: 'ENOENT' }))
  expect(await untilHealthy(port, AbortSignal.timeout(60_000))).toBe(true)
  worker.kill('SIGTERM')
  expect(await worker.exited).toBe(0)
  expect(worker.lastWords).not.toContain('Warning')
})
