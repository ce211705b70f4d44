import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { VERSION } from './version.ts'
import { isOfOtherVersion, readWorkerRecord, type WorkerRecord, workerRecordPath } from './worker-record.ts'

const RECORD: WorkerRecord = {
  pid: 4_711,
  started_at: '2026-01-02T03:04:05.678Z',
  url: 'http://127.0.0.1:3021',
  version: '0.1.0',
  background: true,
  sockets: { control: '/run/control.sock', mcp: '/run/mcp.sock' },
}

async function read(text: string, reader: (folder: string) => unknown = readWorkerRecord) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'record-'))
  await writeFile(workerRecordPath(folder.path), text)
  return reader(folder.path)
}

describe('readWorkerRecord', () => {
  it('gives what the worker wrote', async () => {
    expect(await read(JSON.stringify(RECORD))).toEqual(RECORD)
  })

  it('gives nothing where no worker was', () => {
    expect(readWorkerRecord('/nowhere')).toBeUndefined()
  })

  it.each([
    '',
    '{"pid":',
    'null',
    '[]',
    ...[0, -1, 1, 1.5, '7', null].map((pid) => JSON.stringify({ ...RECORD, pid })),
    JSON.stringify({ ...RECORD, started_at: 'yesterday' }),
    JSON.stringify({ ...RECORD, url: 'here' }),
    JSON.stringify({ ...RECORD, version: 1 }),
    JSON.stringify({ ...RECORD, background: undefined }),
    JSON.stringify({ ...RECORD, sockets: { control: 1 } }),
  ])('gives nothing for %s', async (text) => {
    expect(await read(text)).toBeUndefined()
  })
})

describe('isOfOtherVersion', () => {
  it.each([
    [JSON.stringify({ ...RECORD, version: VERSION }), false],
    [JSON.stringify({ ...RECORD, version: `${VERSION}0` }), true],
    ['', true],
  ])('says of %s: %s', async (text, expected) => {
    expect(await read(text, isOfOtherVersion)).toBe(expected)
  })

  it('says no where no worker was', () => {
    expect(isOfOtherVersion('/nowhere')).toBe(false)
  })
})
