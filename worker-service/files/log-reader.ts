import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCodeOf } from '../../shared/errors/system-code.ts'

const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW
const NEWLINE = 0x0a
/** So much of each file is looked at for its last lines. */
const MAX_TAIL_BYTES = 1024 * 1024
/** So much is read at once; no line is longer. */
const CHUNK_BYTES = 256 * 1024
const MAX_FILES = 3
const LOOK_EVERY_MS = 200

/** Whole lines of a file, and where the next one begins or will begin, in bytes. */
interface Part {
  lines: string[]
  end: number
}

const NOTHING: Part = { lines: [], end: 0 }

/** The last lines of a log that is rotated as `path.1`, `path.2`, oldest first. None where there is no log. */
export async function readLastLines(path: string, count: number): Promise<string[]> {
  await using file = await openLog(path)
  return file === undefined ? [] : (await readTail(file, path, count)).lines
}

/**
 * The last lines of a log, then those that are added, some at a time and each once, until the signal aborts. Whoever reads slowly is given
 * them later. A log that is not there yet is waited for.
 */
export async function* followLines(path: string, count: number, signal: AbortSignal): AsyncGenerator<string[], void> {
  let file = await openLog(path)
  try {
    const tail = file === undefined ? NOTHING : await readTail(file, path, count)
    yield tail.lines
    let position = tail.end
    while (!signal.aborted) {
      const isPutAside = file === undefined || (await isAnother(file, path))
      const { lines, end }: Part = file === undefined ? NOTHING : await readFrom(file, position)
      position = end
      if (lines.length > 0) {
        yield lines
        continue
      }
      // What was read above was all of it: nobody writes to one that is put aside.
      const next: FileHandle | undefined = isPutAside ? await openLog(path) : undefined
      if (next === undefined) {
        await pause(signal)
        continue
      }
      await file?.close()
      file = next
      position = 0
    }
  } finally {
    await file?.close()
  }
}

/** Undefined where there is none. */
async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, READ_ONLY)
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

async function readTail(file: FileHandle, path: string, count: number): Promise<Part> {
  const { lines, end } = await readEnd(file, count)
  const known = new Set([(await file.stat()).ino])
  for (let number = 1; number < MAX_FILES && lines.length < count; number++) {
    await using older = await openLog(`${path}.${number}`)
    if (older === undefined) continue
    // The log itself, put aside since it was opened.
    const { ino } = await older.stat()
    if (!known.has(ino)) lines.unshift(...(await readEnd(older, count - lines.length)).lines)
    known.add(ino)
  }
  return { lines, end }
}

async function readEnd(file: FileHandle, count: number): Promise<Part> {
  const { size } = await file.stat()
  const start = Math.max(0, size - MAX_TAIL_BYTES)
  const { lines, end } = await readPart(file, { start, length: size - start })
  // The first one may be the end of a line.
  const whole = start === 0 ? lines : lines.slice(1)
  return { lines: whole.slice(Math.max(0, whole.length - count)), end }
}

function readFrom(file: FileHandle, start: number): Promise<Part> {
  return readPart(file, { start, length: CHUNK_BYTES })
}

async function readPart(file: FileHandle, { start, length }: { start: number; length: number }): Promise<Part> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
  const whole = buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1)
  const lines = whole.length === 0 ? [] : whole.toString('utf8', 0, whole.length - 1).split('\n')
  return { lines, end: start + whole.length }
}

/** Whether another file is at the path by now. */
async function isAnother(file: FileHandle, path: string): Promise<boolean> {
  try {
    return (await stat(path)).ino !== (await file.stat()).ino
  } catch (thrown) {
    // Put aside, and the next one not begun: what was read is still to be told from that.
    if (systemCodeOf(thrown) === 'ENOENT') return false
    throw thrown
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  // Aborted, there is nothing left to wait for.
  await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {})
}
