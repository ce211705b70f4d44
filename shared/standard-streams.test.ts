import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readToEnd, writeAll } from './standard-streams.ts'

const LONG = Buffer.alloc(1_000_000, 'x')
const never = () => {
  throw new Error('It was not to be needed.')
}

async function temporaryFile(content = '') {
  const folder = await mkdtempDisposable(join(tmpdir(), 'standard-streams-'))
  const path = join(folder.path, 'file')
  writeFileSync(path, content)
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

// Both ends of a pipe, neither of which waits for the other.
async function pipeWithoutWaiting() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'standard-streams-'))
  const path = join(folder.path, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  return { reader, writer, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('readToEnd', () => {
  it.each(['', '{}', 'x'.repeat(200_000)])('reads everything (%#)', async (text) => {
    await using file = await temporaryFile(text)
    const fd = openSync(file.path, 'r')
    expect((await readToEnd(fd, never)).toString()).toBe(text)
    closeSync(fd)
  })

  it('waits for what comes late through a pipe that does not wait itself', async () => {
    await using pipe = await pipeWithoutWaiting()
    writeSync(pipe.writer, 'early, ')
    const read = readToEnd(pipe.reader, () => new Socket({ fd: pipe.reader }))
    setTimeout(() => {
      writeSync(pipe.writer, 'late')
      closeSync(pipe.writer)
    }, 10)
    expect((await read).toString()).toBe('early, late')
  })

  it('throws what else goes wrong', async () => {
    const folder = openSync(tmpdir(), 'r')
    await expect(readToEnd(folder, never)).rejects.toThrow('EISDIR')
    closeSync(folder)
  })
})

describe('writeAll', () => {
  it('writes everything', async () => {
    await using file = await temporaryFile()
    const fd = openSync(file.path, 'w')
    writeAll(fd, LONG, never)
    closeSync(fd)
    expect(readFileSync(file.path).equals(LONG)).toBe(true)
  })

  it('leaves to the stream what a full pipe does not take', async () => {
    await using pipe = await pipeWithoutWaiting()
    const left: Buffer[] = []
    writeAll(pipe.writer, LONG, () => ({ write: (bytes: Buffer) => left.push(bytes) }))
    const [rest = Buffer.alloc(0)] = left
    expect(rest.length).toBeGreaterThan(0)
    expect(readSync(pipe.reader, Buffer.alloc(LONG.length)) + rest.length).toBe(LONG.length)
    for (const fd of [pipe.reader, pipe.writer]) closeSync(fd)
  })
})
