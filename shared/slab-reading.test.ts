import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LineSplitter } from './line-splitter.ts'
import { readInSlabs } from './slab-reading.ts'

/** Both ends of a Unix socket, of which ours reads in slabs. */
async function socketPair() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'slabs-'))
  const server = createServer().listen(join(folder.path, 's'))
  await once(server, 'listening')
  const ours = readInSlabs((onread) => connect({ path: join(folder.path, 's'), onread }))
  const [theirs] = (await once(server, 'connection')) as [Socket]
  return {
    ours,
    theirs,
    async [Symbol.asyncDispose]() {
      ours.destroy()
      theirs.destroy()
      server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Lines of many lengths, some of them longer than a slab. */
function lines(): string[] {
  const lengths = [1, 10, 1_000, 32_768, 100_000, 300_000, 2, 700_000, 65_536]
  return lengths.map((length, index) => String(index).repeat(length))
}

describe('a socket that reads in slabs', () => {
  it('gives all that came, in order, and its end', async () => {
    await using pair = await socketPair()
    const parts: Buffer[] = []
    pair.ours.on('data', (part: Buffer) => parts.push(part))
    const text = `${lines().join('\n')}\n`.repeat(5)
    pair.theirs.end(text)
    await once(pair.ours, 'end')
    // Only now, when everything has been read: nothing may be overwritten by what came later.
    expect(Buffer.concat(parts).toString() === text).toBe(true)
  })

  it('keeps what comes before anybody listens', async () => {
    await using pair = await socketPair()
    pair.theirs.end('early')
    await expect.poll(() => pair.ours.bytesRead).toBe(5)
    expect(String((await pair.ours.toArray())[0])).toBe('early')
  })

  it('lays the parts of a message side by side, so that a splitter gives it where it lies', async () => {
    await using pair = await socketPair()
    const message = 'x'.repeat(100_000)
    const given: [part: Buffer, line: Buffer][] = []
    const splitter = new LineSplitter({ maxLineBytes: 1_000_000 })
    pair.ours.on('data', (part: Buffer) => {
      for (const line of splitter.push(part)) if (line.kind === 'line') given.push([part, line.bytes])
    })
    for (let sent = 1; sent <= 2; sent++) {
      const begun = once(pair.ours, 'data')
      pair.theirs.write(message.slice(0, 60_000))
      await begun
      pair.theirs.write(`${message.slice(60_000)}\n`)
      await expect.poll(() => given.length).toBe(sent)
    }
    expect(given.map(([, line]) => line.toString() === message)).toEqual([true, true])
    expect(given.map(([part, line]) => part.buffer === line.buffer)).toEqual([true, true])
  })

  it('reads no more while it is paused', async () => {
    await using pair = await socketPair()
    const size = 3_000_000
    pair.ours.pause()
    pair.theirs.end(Buffer.alloc(size))
    await expect.poll(() => pair.theirs.bytesWritten).toBe(size)
    expect(pair.ours.bytesRead).toBeLessThan(size / 2)
    const parts: Buffer[] = await pair.ours.toArray()
    expect(Buffer.concat(parts).length).toBe(size)
  })
})
