import { EventEmitter } from 'node:events'
import { mkdtempDisposable, readFile, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { SpawnedGroups } from '../../../test/support/spawned-groups.ts'
import type { AnsweredRequestId } from '../../routing/failed-calls.ts'
import type { StdioServerDefinition } from '../server-definition.ts'
import type { Connection } from './connector.ts'
import { createConnector } from './open-connection.ts'
import { createStdioConnector, type StdioConnectorOptions } from './stdio.ts'

const NEVER = new AbortController().signal
const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'
const QUICK = { inputEndMs: 100, termMs: 100, killMs: 5_000 }

function connect(definition: StdioServerDefinition, options: Partial<StdioConnectorOptions> = {}) {
  return createStdioConnector({ variables: process.env, ...options })(definition, NEVER)
}

/** Collects what a connection delivers; `next` resolves with the frame after those already taken. */
function collect(connection: Connection) {
  const frames: string[] = []
  const waiting: ((frame: string) => void)[] = []
  const oversized: AnsweredRequestId[] = []
  connection.receive({
    frame(bytes) {
      const wanted = waiting.shift()
      if (wanted === undefined) frames.push(bytes.toString())
      else wanted(bytes.toString())
    },
    oversizedFrame: (answered) => void oversized.push(answered),
  })
  return {
    next: async () => frames.shift() ?? new Promise<string>((resolve) => waiting.push(resolve)),
    oversized,
  }
}

describe('a stdio connection', () => {
  it('carries frames both ways', async () => {
    const groups = new SpawnedGroups()
    {
      await using connection = await connect(fixtureServer('well-behaved'), { spawn: groups.spawn })
      const { next } = collect(connection)
      await connection.send(INITIALIZE)
      expect(JSON.parse(await next())).toMatchObject({ id: 1, result: { serverInfo: { name: 'fixture' } } })
      await connection.send(Buffer.from('{"jsonrpc":"2.0","id":2,"method":"tools/list"}'))
      expect(JSON.parse(await next())).toMatchObject({ id: 2, result: { tools: [{ name: 'read_file' }] } })
    }
    await expect.poll(() => groups.left()).toEqual([])
  })

  it('loses no frame that came before it was listened to', async () => {
    await using connection = await connect(fixtureServer('well-behaved'))
    await connection.send(INITIALIZE)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(JSON.parse(await collect(connection).next())).toMatchObject({ id: 1 })
  })

  it('carries a line of 4 MB', async () => {
    await using connection = await connect(fixtureServer('long-line', { args: ['4194304'] }))
    const { next } = collect(connection)
    await connection.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
    expect((await next()).length).toBeGreaterThan(4_194_304)
  })

  it('drops a frame over the limit, says which request it answered, and carries the next', async () => {
    const definition = fixtureServer('long-line', { args: ['100000'], maxMessageBytes: 50_000 })
    await using connection = await connect(definition)
    const { next, oversized } = collect(connection)
    await connection.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
    await connection.send(INITIALIZE)
    expect(JSON.parse(await next())).toMatchObject({ result: { serverInfo: {} } })
    expect(oversized).toEqual([1])
  })

  it('refuses to send what is over the limit', async () => {
    await using connection = await connect(fixtureServer('well-behaved', { maxMessageBytes: 1_024 }))
    await expect(connection.send('x'.repeat(1_025))).rejects.toMatchObject({
      code: 'too_large',
      message: 'server "well-behaved": a message over 1024 bytes cannot be sent. Raise its "maxMessageBytes".',
    })
    await expect(connection.send(' '.repeat(1_024))).resolves.toBeUndefined()
  })

  it('skips and counts lines that are no frames', async () => {
    await using connection = await connect(fixtureServer('banner'))
    const { next } = collect(connection)
    await connection.send(INITIALIZE)
    expect([await next(), await next()]).toEqual(['{ not json }', '{"json":"but no message"}'])
    expect(JSON.parse(await next())).toMatchObject({ id: 1 })
    expect(connection.skippedLines).toBe(2)
  })

  it.each(['floods log messages', 'writes garbage', 'writes lines without end'])(
    'lets a server wait that %s, and still hears its answer',
    async (how) => {
      await using connection = await connect(fixtureServer('hostile'))
      let unasked = 0
      const answered = Promise.withResolvers<unknown>()
      connection.receive({
        frame(bytes) {
          const isAnswer = bytes.includes('"id":1')
          connection.tookFrame?.(bytes.length, isAnswer)
          if (isAnswer) answered.resolve(JSON.parse(bytes.toString()))
          else unasked++
        },
        oversizedFrame: () => void unasked++,
      })
      const params = { name: how, arguments: { forMs: 100 } }
      await connection.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }))
      expect(await answered.promise).toMatchObject({ id: 1, result: { content: [] } })
      // As much as may come at once, and what was under way in the pipe.
      expect(unasked + connection.skippedLines).toBeLessThan(100_000)
    },
  )

  it('takes 16 MB of complaints while the server starts', async () => {
    await using connection = await connect(fixtureServer('floods-stderr'))
    const { next } = collect(connection)
    await connection.send(INITIALIZE)
    expect(JSON.parse(await next())).toMatchObject({ id: 1 })
    expect(connection.lastWords()).toEqual(Array.from({ length: 5 }, () => 'x'.repeat(300)))
  })

  it('resolves a send only when the pipe has taken it', async () => {
    const groups = new SpawnedGroups()
    const definition = { ...fixtureServer('sleeper'), command: 'sleep', args: ['60'] }
    const connection = await connect(definition, { spawn: groups.spawn, graces: QUICK })
    const sent = connection.send('x'.repeat(4_000_000)).then(
      () => 'sent',
      (thrown: unknown) => thrown,
    )
    const first = await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 200, 'waiting'))])
    expect(first).toBe('waiting')
    await connection[Symbol.asyncDispose]()
    expect(await sent).toMatchObject({ code: 'connection_closed' })
    await expect.poll(() => groups.left()).toEqual([])
  })
})

describe('the end of a stdio connection', () => {
  it('tells the exit code and the last lines, without colours and secrets', async () => {
    const groups = new SpawnedGroups()
    const definition = fixtureServer('dies-in-initialize', { env: { PASSWORD: 'hunter22' } })
    await using connection = await connect(definition, { spawn: groups.spawn })
    await connection.send(INITIALIZE)
    expect(await connection.closed).toEqual({ kind: 'exited', code: 3, signal: null })
    expect(connection.lastWords()).toEqual(['starting', 'Error: login with [redacted] failed', 'at \\u{7}bell'])
    await expect.poll(() => groups.left()).toEqual([])
  })

  it('tells the signal', async () => {
    const groups = new SpawnedGroups()
    await using connection = await connect(fixtureServer('never-answers'), { spawn: groups.spawn })
    process.kill(groups.left()[0] ?? Number.NaN, 'SIGKILL')
    expect(await connection.closed).toEqual({ kind: 'exited', code: null, signal: 'SIGKILL' })
  })

  it('ends what an exited server left in its group', async () => {
    const groups = new SpawnedGroups()
    await using connection = await connect(fixtureServer('keeps-pipes'), { spawn: groups.spawn })
    await connection.send(INITIALIZE)
    expect(await connection.closed).toMatchObject({ kind: 'exited', code: 1 })
    await expect.poll(() => groups.left()).toEqual([])
  })

  it('does not wait for a descendant outside the group that holds the pipes', async () => {
    await using connection = await connect(fixtureServer('keeps-pipes', { args: ['--escaped'] }))
    await connection.send(INITIALIZE)
    expect(await connection.closed).toMatchObject({ kind: 'exited', code: 1 })
    const [, escaped] = /^left (\d+)$/.exec(connection.lastWords()[0] ?? '') ?? []
    process.kill(Number(escaped), 'SIGKILL')
  })

  it('notices that the server closed its input and lives on', async () => {
    const groups = new SpawnedGroups()
    {
      await using connection = await connect(fixtureServer('closes-stdin'), { spawn: groups.spawn, graces: QUICK })
      await connection.send(INITIALIZE)
      await connection.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
      while (
        await connection.send('{}').then(
          () => true,
          () => false,
        )
      )
        await new Promise(setImmediate)
      expect(await connection.closed).toEqual({ kind: 'input-closed' })
      expect(groups.left()).toHaveLength(1)
    }
    await expect.poll(() => groups.left()).toEqual([])
  })

  it.each(['never-answers', 'ignores-sigterm', 'floods-stderr', 'endless-pages'])(
    'leaves nothing of %s when it is disposed at once',
    async (program) => {
      const groups = new SpawnedGroups()
      const connection = await connect(fixtureServer(program), { spawn: groups.spawn, graces: QUICK })
      await connection[Symbol.asyncDispose]()
      expect(await connection.closed).toEqual({ kind: 'stopped' })
      expect(groups).toMatchObject({ started: 1 })
      await expect.poll(() => groups.left()).toEqual([])
    },
  )

  it('ends a server that ignores SIGTERM, and its child, by force', async () => {
    const groups = new SpawnedGroups()
    const connection = await connect(fixtureServer('ignores-sigterm'), { spawn: groups.spawn, graces: QUICK })
    const { next } = collect(connection)
    await connection.send(INITIALIZE)
    await next()
    expect(groups.left()).toHaveLength(2)
    await Promise.all([connection[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()])
    await expect.poll(() => groups.left()).toEqual([])
  })

  it('lets a server end by itself when its input ends', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'stdio-'))
    const note = join(folder.path, 'note')
    const script = `process.stdin.resume().on('end', () => require('node:fs').writeFileSync(process.env.NOTE, 'bye'))`
    const definition = { ...fixtureServer('polite'), args: ['-e', script], env: { NOTE: note } }
    const connection = await connect(definition, { graces: { inputEndMs: 60_000, termMs: 1, killMs: 1 } })
    await connection[Symbol.asyncDispose]()
    expect(await readFile(note, 'utf8')).toBe('bye')
  })
})

describe('what a server is started with', () => {
  it('is its own environment over the inherited list, in its own folder', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'stdio-'))
    const variables = { PATH: '/bin', LANG: 'C', NODE_OPTIONS: '--no-such-option', PILOTLIGHT_TOKEN: 's3cret' }
    const definition = fixtureServer('prints-environment', { env: { LANG: 'de', KEY: 'k' }, cwd: folder.path })
    await using connection = await connect(definition, { variables })
    const { next } = collect(connection)
    await connection.send('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')
    expect(JSON.parse(await next()).result).toEqual({
      folder: await realpath(folder.path),
      environment: { PATH: '/bin', LANG: 'de', KEY: 'k', PILOTLIGHT_CHILD_OF: expect.any(String) },
    })
  })
})

describe('a server that cannot be started', () => {
  it.each<[string, Partial<StdioServerDefinition>, string]>([
    [
      'a missing command',
      { command: 'no-such-command' },
      'cannot run "no-such-command": there is no such command. Install',
    ],
    [
      'a missing folder',
      { cwd: '/no/such/folder' },
      'there is no folder "/no/such/folder". Make it, or change its "cwd".',
    ],
    ['a command that is a folder', { command: '/tmp' }, 'it is not a program that may be run.'],
    ['a zero byte', { args: ['a\0b'] }, 'contain a zero byte'],
    ['args that are too long', { args: ['x'.repeat(3_000_000)] }, 'its args and env are too long together'],
  ])('is told apart: %s', async (_, overrides, message) => {
    const groups = new SpawnedGroups()
    const definition = { ...fixtureServer('well-behaved', { name: 'mine' }), ...overrides }
    await expect(connect(definition, { spawn: groups.spawn })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining(message),
    })
    await expect(connect(definition)).rejects.toThrow('server "mine": cannot run')
    await expect.poll(() => groups.left()).toEqual([])
  })

  it('is told apart: too many open files', async () => {
    const spawn = (() => {
      const child = new EventEmitter()
      process.nextTick(() => child.emit('error', Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' })))
      return child
    }) as never
    await expect(connect(fixtureServer('x'), { spawn })).rejects.toMatchObject({
      code: 'server_unavailable',
      message: expect.stringContaining('too many files are open. Raise the limit (ulimit -n)'),
    })
  })

  it('never shows its arguments or its environment', async () => {
    const definition = fixtureServer('x', { command: 'nope', args: ['s3cret-arg'], env: { K: 's3cret-env' } })
    const thrown: unknown = await connect(definition).catch((error: unknown) => error)
    expect(String(thrown)).not.toContain('s3cret')
  })

  it('is not started for a signal that has aborted', async () => {
    const groups = new SpawnedGroups()
    const open = createStdioConnector({ variables: {}, spawn: groups.spawn })
    const reason = new Error('too late')
    await expect(open(fixtureServer('well-behaved'), AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(groups.started).toBe(0)
  })
})

describe('createConnector', () => {
  it('opens stdio servers', async () => {
    await using connection = await createConnector({ variables: process.env })(fixtureServer('well-behaved'), NEVER)
    await connection.send(INITIALIZE)
    expect(JSON.parse(await collect(connection).next())).toMatchObject({ id: 1 })
  })
})
