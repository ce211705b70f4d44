import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ChildRecords } from './child-records.ts'
import { identify, isAlive, MARKER_VARIABLE } from './process-table.ts'
import { reapLeftovers } from './reap-leftovers.ts'

const NEVER = new AbortController().signal
const nobody = { killContainer: async () => false }

async function start(
  environment: Record<string, string> = {},
): Promise<ChildProcess & { pid: number } & AsyncDisposable> {
  const child = spawn('sleep', ['60'], { env: { ...process.env, ...environment }, detached: true, stdio: 'ignore' })
  await once(child, 'spawn')
  return Object.assign(child, {
    pid: child.pid ?? Number.NaN,
    async [Symbol.asyncDispose]() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
      child.kill('SIGKILL')
      await ended
    },
  })
}

/** Records as a worker leaves them that was killed: its children, by pid and start time. */
async function leaveRecords(parent: string, children: Record<string, string>, owner = {}): Promise<string> {
  const records = await ChildRecords.open(parent)
  const file = join(parent, records.marker, 'worker')
  const self = JSON.parse(await readFile(file, 'utf8'))
  // A process that once had a number nobody has now.
  await writeFile(file, JSON.stringify({ ...self, pid: 2 ** 22 + 1, startedAt: '1', ...owner }))
  for (const [pid, startedAt] of Object.entries(children)) await writeFile(join(parent, records.marker, pid), startedAt)
  return records.marker
}

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'reap-'))

describe('reapLeftovers', () => {
  it('ends a recorded child of a dead worker, and forgets it', async () => {
    await using folder = await temporaryFolder()
    const marker = await leaveRecords(folder.path, {})
    await using child = await start({ [MARKER_VARIABLE]: marker })
    await writeFile(join(folder.path, marker, String(child.pid)), identify(child.pid)?.startedAt ?? '')
    const exited = once(child, 'exit')
    expect(await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)).toMatchObject({ processes: 1 })
    expect(await exited).toEqual([null, 'SIGKILL'])
    expect(await readdir(folder.path)).toEqual([])
  })

  it('ends a descendant that is in no record by its marker', async () => {
    await using folder = await temporaryFolder()
    const marker = await leaveRecords(folder.path, {})
    await using child = await start({ [MARKER_VARIABLE]: marker })
    const exited = once(child, 'exit')
    expect(await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)).toMatchObject({ processes: 1 })
    expect(await exited).toEqual([null, 'SIGKILL'])
  })

  it('never signals a foreign process, whatever a record says of it', async () => {
    await using folder = await temporaryFolder()
    await using foreign = await start()
    const startedAt = identify(foreign.pid)?.startedAt ?? ''
    await leaveRecords(folder.path, {
      [foreign.pid]: startedAt,
      1: '0',
      [process.pid]: identify(process.pid)?.startedAt ?? '',
    })
    expect(await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)).toMatchObject({ processes: 0 })
    expect(isAlive({ pid: foreign.pid, startedAt })).toBe(true)
  })

  it('never signals a marked process that started at another time than its record says', async () => {
    await using folder = await temporaryFolder()
    const marker = await leaveRecords(folder.path, {})
    await using other = await start({ [MARKER_VARIABLE]: marker })
    await writeFile(join(folder.path, marker, String(other.pid)), '123')
    expect(await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)).toMatchObject({ processes: 0 })
    expect(isAlive(identify(other.pid) ?? { pid: 0, startedAt: '' })).toBe(true)
  })

  it('never signals a marked process that is older than its worker', async () => {
    await using folder = await temporaryFolder()
    const marker = await leaveRecords(folder.path, {}, { startedAt: String(10 ** 12) })
    await using other = await start({ [MARKER_VARIABLE]: marker })
    expect(await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)).toMatchObject({ processes: 0 })
    expect(isAlive(identify(other.pid) ?? { pid: 0, startedAt: '' })).toBe(true)
  })

  it('leaves the children of a living worker alone', async () => {
    await using folder = await temporaryFolder()
    await using records = await ChildRecords.open(folder.path)
    await using child = await start({ [MARKER_VARIABLE]: records.marker })
    records.add(identify(child.pid) ?? { pid: 0, startedAt: '' })
    expect(await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)).toMatchObject({ processes: 0 })
    expect(await readdir(join(folder.path, records.marker))).toContain(String(child.pid))
  })

  it('leaves what is no record alone', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'other'))
    await mkdir(join(folder.path, 'broken'))
    await writeFile(join(folder.path, 'broken', 'worker'), '{"pid":')
    await reapLeftovers({ recordsFolder: folder.path, ...nobody }, NEVER)
    expect(await readdir(folder.path)).toEqual(['broken', 'other'])
    expect(await reapLeftovers({ recordsFolder: join(folder.path, 'missing'), ...nobody }, NEVER)).toMatchObject({
      processes: 0,
    })
  })
})
