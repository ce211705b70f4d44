import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdtempDisposable, readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../shared/environment.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { exchange } from '../../test/support/raw-http.ts'
import { startTestHttp } from '../../test/support/test-http.ts'
import { listenPrivately } from './listen.ts'

const STATUS = 'GET /status HTTP/1.1\r\nhost: localhost\r\n\r\n'

describe('the private socket of a worker', () => {
  it('takes requests of its user without a token, and goes with the worker', async () => {
    await using worker = await OwnWorker.start({ mcpServers: {} })
    const path = controlSocketPath(readEnvironment(worker.variables).folders.runtime)
    const [status] = await exchange(path, STATUS)
    expect([status?.status, JSON.parse(status?.body ?? '').service.pid]).toEqual([200, worker.program.pid])
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)

    const [ended] = await exchange(path, 'POST /shutdown HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(ended?.status).toBe(202)
    expect(await worker.program.exited).toBe(0)
    expect(await readdir(dirname(path))).not.toContain('control.sock')
  })

  it('is known to curl', async () => {
    const http = await startTestHttp()
    const curl = spawn('curl', ['-s', '--unix-socket', http.socketPath, 'http://localhost/health'])
    const answer = await text(curl.stdout)
    await http.close()
    expect(JSON.parse(answer)).toMatchObject({ status: 'healthy' })
  })

  it('lets what is in flight finish when it closes, and nothing begin', async () => {
    const call = Promise.withResolvers<never>()
    let asked = () => {}
    const reached = new Promise<void>((resolve) => (asked = resolve))
    const http = await startTestHttp({
      servers: {
        stop: () => {
          asked()
          return call.promise
        },
      },
    })
    const inFlight = request({ socketPath: http.socketPath, method: 'POST', path: '/servers/a/stop' }).end()
    const response = once(inFlight, 'response')
    await reached
    const closed = http.close()
    const [refused] = await exchange(http.socketPath, 'POST /servers/a/start HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect([undefined, 503]).toContain(refused?.status)
    call.resolve({ name: 'a' } as never)
    const [answer] = (await response) as [AsyncIterable<Buffer>]
    expect(await text(answer)).toBe('{"name":"a"}')
    await closed
  })
})

describe('listenPrivately', () => {
  const hello = (body: string) => (_: unknown, outgoing: { end: (body: string) => void }) => outgoing.end(body)

  it('replaces what a killed worker left', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'control-'))
    const path = join(folder.path, 'control.sock')
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    await once(spawn(process.execPath, ['-e', script]), 'exit')
    expect((await lstat(path)).isSocket()).toBe(true)
    const listener = await listenPrivately(hello('new'), path)
    const [answer] = await exchange(path, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await listener.close(0)
    expect(answer?.status).toBe(200)
  })

  it('leaves the socket of a living worker alone', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'control-'))
    const path = join(folder.path, 'control.sock')
    const living = createServer().listen(path)
    await once(living, 'listening')
    await expect(listenPrivately(hello('new'), path)).rejects.toMatchObject({ code: 'server_unavailable' })
    living.close()
  })

  it('refuses a folder that every user can write to', async () => {
    await expect(listenPrivately(hello('new'), join(tmpdir(), 'control.sock'))).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
  })
})
