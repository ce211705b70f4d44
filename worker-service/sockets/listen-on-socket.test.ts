import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdtempDisposable, readdir, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listenOnSocket, somebodyAnswers } from './listen-on-socket.ts'

/** What a worker that was killed leaves: a socket with nobody behind it. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', script]), 'exit')
}

function greets(text: string) {
  return (socket: Socket) => {
    // Who only looks whether somebody answers leaves without reading.
    socket.on('error', () => {})
    socket.end(text)
  }
}

async function greetingAt(path: string): Promise<string> {
  const [greeting] = (await once(connect(path).setEncoding('utf8'), 'data')) as [string]
  return greeting
}

describe('listenOnSocket', () => {
  it('replaces what a dead worker left', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'socket-'))
    const path = join(folder.path, 's.sock')
    await leaveSocket(path)
    expect((await lstat(path)).isSocket()).toBe(true)
    expect(await somebodyAnswers(path)).toBe(false)
    await using _ = await listenOnSocket(path, greets('new'))
    expect(await greetingAt(path)).toBe('new')
    expect(await readdir(folder.path)).toEqual(['s.sock'])
  })

  it('leaves the socket of a living worker alone, and says what to do', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'socket-'))
    const path = join(folder.path, 's.sock')
    await using _ = await listenOnSocket(path, greets('first'))
    await expect(listenOnSocket(path, () => {})).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringMatching(/Another worker listens on .*s\.sock\. Stop it, or/),
    })
    expect(await greetingAt(path)).toBe('first')
  })

  it('leaves a stopped worker its socket: it lives, though it does not answer', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'socket-'))
    const path = join(folder.path, 's.sock')
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGSTOP'))`
    const worker = spawn(process.execPath, ['-e', script])
    while (!(await somebodyAnswers(path))) await new Promise((done) => setTimeout(done, 5))
    await expect(listenOnSocket(path, () => {})).rejects.toMatchObject({ code: 'server_unavailable' })
    worker.kill('SIGKILL')
  })

  it('removes its own socket when it ends, and never a successor’s', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'socket-'))
    const path = join(folder.path, 's.sock')
    const first = await listenOnSocket(path, () => {})
    await first[Symbol.asyncDispose]()
    expect(await readdir(folder.path)).toEqual([])

    const draining = await listenOnSocket(path, () => {})
    // Removed by hand, so that another can take its place.
    await rm(path)
    await using _ = await listenOnSocket(path, greets('successor'))
    await draining[Symbol.asyncDispose]()
    expect(await greetingAt(path)).toBe('successor')
  })

  it('replaces a file that is no socket, and says why it cannot listen', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'socket-'))
    const path = join(folder.path, 's.sock')
    await writeFile(path, 'x')
    await using _ = await listenOnSocket(path, greets('new'))
    expect(await greetingAt(path)).toBe('new')
    await expect(listenOnSocket(join(folder.path, 'none/s.sock'), () => {})).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining('Cannot listen on the socket'),
    })
  })

  it('knows a socket of any kind to be listened on', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'socket-'))
    const path = join(folder.path, 's.sock')
    expect(await somebodyAnswers(path)).toBe(false)
    const server = createServer().listen(path)
    await once(server, 'listening')
    expect(await somebodyAnswers(path)).toBe(true)
    server.close()
  })
})
