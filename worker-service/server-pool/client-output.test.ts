import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer, connect as openSocket, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { settle } from '../../test/support/manual-clock.ts'
import { ClientOutput } from './client-output.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Both ends of a Unix socket. */
async function socketPair() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'output-'))
  const server = createServer().listen(join(folder.path, 's'))
  await once(server, 'listening')
  const client = openSocket(join(folder.path, 's'))
  const [near] = (await once(server, 'connection')) as [Socket]
  return {
    near,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy()
      near.destroy()
      server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe("a client's output", () => {
  it('writes all frames of one turn at once, each on its line', async () => {
    const writes: string[] = []
    const stream = new Writable({
      writev: (chunks, done) => {
        writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)).toString())
        done()
      },
    })
    const output = new ClientOutput(stream, () => {})
    for (const frame of ['{"a":1}', '{"b":2}']) output.write(Buffer.from(frame))
    await settle()
    output.write(Buffer.from('{}'))
    await settle()
    expect(writes).toEqual(['{"a":1}\n{"b":2}\n', '{}\n'])
  })

  it('cuts a client off that does not read, before 5 MB wait', async () => {
    await using pair = await socketPair()
    let cuts = 0
    const output = new ClientOutput(pair.near, () => cuts++)
    let most = 0
    for (let sent = 0; sent < 1_000; sent++) {
      output.write(Buffer.alloc(64 * KIB, 'x'))
      most = Math.max(most, output.waitingBytes + pair.near.writableLength)
      if (sent % 8 === 0) await settle()
    }
    expect(cuts).toBe(1)
    expect(most).toBeLessThan(5 * MIB)
  })

  it('holds nothing of what was read beside a frame that waits', async () => {
    const written: Buffer[] = []
    let readOn = () => {}
    const stream = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _, done) => {
        written.push(chunk)
        readOn = done
      },
    })
    const output = new ClientOutput(stream, () => {})
    output.write(Buffer.from('{}'))
    await settle()
    const slab = Buffer.alloc(256 * KIB, 'x')
    output.write(slab.subarray(1_000, 1_100))
    slab.fill('y')
    readOn()
    await settle()
    expect(Buffer.concat(written).toString()).toBe(`{}\n${'x'.repeat(100)}\n`)
  })

  it('lets one frame be as large as it is', async () => {
    await using pair = await socketPair()
    let cuts = 0
    const output = new ClientOutput(pair.near, () => cuts++)
    output.write(Buffer.alloc(20 * MIB, 'x'))
    output.write(Buffer.from('after'))
    let received = 0
    for await (const chunk of pair.client) {
      received += (chunk as Buffer).length
      if (received === 20 * MIB + 1 + 'after\n'.length) break
    }
    expect(cuts).toBe(0)
  })

  it('loses nothing and mixes nothing up for a client that reads slowly', async () => {
    await using pair = await socketPair()
    const output = new ClientOutput(pair.near, () => {})
    const frames = Array.from({ length: 200 }, (_, index) => String(index).padEnd(10 * KIB))
    for (const frame of frames) output.write(Buffer.from(frame))
    let text = ''
    for await (const chunk of pair.client) {
      text += String(chunk)
      await settle()
      if (text.length === frames.length * (10 * KIB + 1)) break
    }
    expect(text === frames.map((frame) => `${frame}\n`).join('')).toBe(true)
  })
})
