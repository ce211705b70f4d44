import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject } from './json-object.ts'
import { VERSION } from './version.ts'

/** What a running worker says of itself in `worker.json` of its runtime folder. */
export interface WorkerRecord {
  pid: number
  /** ISO 8601. */
  started_at: string
  /** Where it takes requests: `http://host:port`. */
  url: string
  version: string
  /** Whether nobody but itself looks after it. */
  background: boolean
  /** Where it is met without a token: HTTP, and MCP with all servers. */
  sockets: { control: string; mcp: string }
}

/** Where the worker of a runtime folder says who it is. */
export function workerRecordPath(runtimeFolder: string): string {
  return join(runtimeFolder, 'worker.json')
}

/** What the kernel locks for the worker of a runtime folder. */
export function workerLockPath(runtimeFolder: string): string {
  return join(runtimeFolder, 'worker.lock')
}

/** What the worker of a runtime folder last said of itself, be it alive or not; undefined where there is nothing that can be used. */
export function readWorkerRecord(runtimeFolder: string): WorkerRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(workerRecordPath(runtimeFolder), 'utf8'))
    return isWorkerRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}

/** Whether the worker that left its record is of another version than this program. By the text alone: reading all of it takes longer. */
export function isOfOtherVersion(runtimeFolder: string): boolean {
  try {
    return !readFileSync(workerRecordPath(runtimeFolder), 'utf8').includes(`"version":${JSON.stringify(VERSION)}`)
  } catch {
    return false
  }
}

/** Which worker it is, for a sentence. */
export function describeWorker({ pid, started_at: startedAt, url }: WorkerRecord): string {
  return `process ${pid}, since ${startedAt}, on ${url}`
}

function isWorkerRecord(record: unknown): record is WorkerRecord & Record<string, unknown> {
  if (!isJsonObject(record)) return false
  const { pid, started_at, url, version, background, sockets } = record
  // Numbers up to 1 stand for everybody or the machine itself.
  const isProcess = Number.isSafeInteger(pid) && Number(pid) > 1
  const isTime = typeof started_at === 'string' && !Number.isNaN(Date.parse(started_at))
  const isPlace = typeof url === 'string' && URL.canParse(url) && isJsonObject(sockets)
  const areTexts = isPlace && [version, sockets.control, sockets.mcp].every((text) => typeof text === 'string')
  return isProcess && isTime && areTexts && typeof background === 'boolean'
}
