import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { SpawnedGroups } from '../../test/support/spawned-groups.ts'
import { createConnector } from './connectors/open-connection.ts'
import { createListServer } from './list-server.ts'
import type { StdioServerDefinition } from './server-definition.ts'
import { openSession } from './server-session.ts'

const NEVER = new AbortController().signal
const QUICK = { inputEndMs: 100, termMs: 100, killMs: 5_000 }

/** A connector of which the test fails when a process is left at its end. */
function guardedConnector() {
  const groups = new SpawnedGroups()
  onTestFinished(() => expect(groups.left()).toEqual([]))
  return createConnector({ variables: process.env, spawn: groups.spawn, graces: QUICK })
}

function open(program: string, overrides: Partial<StdioServerDefinition> = {}, signal = NEVER) {
  return openSession(fixtureServer(program, overrides), guardedConnector(), signal)
}

async function callOddly(how: string) {
  await using session = await open('odd-answers', { maxMessageBytes: 50_000 })
  return await session.callTool(how, {}, NEVER)
}

describe('a session', () => {
  it('introduces us, and reads what the server says of itself and all pages of its tools', async () => {
    await using session = await open('well-behaved')
    const listing = await session.listTools(NEVER)
    expect(listing).toMatchObject({ title: 'Files', description: 'Reads and writes files.', withheld: [] })
    expect(listing.tools.map(({ name }) => name)).toEqual(['read_file', 'write_file', 'delete_file'])
    expect(listing.tools[1]).toMatchObject({ annotations: { readOnlyHint: false }, x: [1] })
  })

  it('gives back the result of a tool as the server sent it', async () => {
    await using session = await open('well-behaved')
    expect(await session.callTool('read_file', { path: 'a' }, NEVER)).toEqual({
      content: [{ type: 'text', text: 'read_file' }],
      structuredContent: { path: 'a' },
      x: 1,
    })
  })

  it('sends the parameters of a first message as the protocol asks', async () => {
    const version: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version
    const frames: string[] = []
    const connect = guardedConnector()
    await using _ = await openSession(
      fixtureServer('well-behaved'),
      async (definition, signal) => {
        const connection = await connect(definition, signal)
        const send = connection.send.bind(connection)
        connection.send = (frame) => {
          frames.push(frame.toString())
          return send(frame)
        }
        return connection
      },
      NEVER,
    )
    expect(frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pilotlight', version } },
      },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
    ])
  })

  it('answers a ping, refuses every other request, and hears notifications in silence', async () => {
    await using session = await open('asks-back')
    expect(await session.callTool('any', {}, NEVER)).toMatchObject({
      answers: [
        { jsonrpc: '2.0', id: 'ping-1', result: {} },
        { id: 0, error: { code: -32601, message: 'This client has no method "sampling/createMessage".' } },
      ],
    })
  })

  it('skips and counts what is no message', async () => {
    await using session = await open('banner')
    expect((await session.listTools(NEVER)).tools).toHaveLength(1)
    expect(session.skippedLines).toBe(4)
  })

  it('takes bytes that are no UTF-8 for unknown characters', async () => {
    await using session = await open('invalid-utf8')
    expect(await session.listTools(NEVER)).toMatchObject({ tools: [{ description: 'gr\uFFFDn' }] })
    expect(session.skippedLines).toBe(1)
  })

  it('carries a line of 4 MB', async () => {
    await using session = await open('long-line', { args: ['4194304'] })
    expect((await session.listTools(NEVER)).tools[0]?.description).toHaveLength(4_194_304)
  })

  it('withholds broken and double tools alone', async () => {
    await using session = await open('broken-tools')
    const { tools, withheld } = await session.listTools(NEVER)
    expect(tools.map(({ name }) => name)).toEqual(['echo', 'a'.repeat(65)])
    const names = withheld.map(({ name }) => name)
    expect(names.slice(0, 7)).toEqual(['#2', '#3', '#4', '#5', '#6', 'a'.repeat(128), 'mirror\u202Ered'])
    expect(names.slice(7)).toEqual(['no_schema', 'array_schema', 'text_schema', 'odd_description', 'echo'])
  })

  it('takes a server that knows no tools for one without', async () => {
    await using session = await open('without-tools')
    expect(await session.listTools(NEVER)).toMatchObject({ tools: [], withheld: [] })
  })

  it.each([
    [[], 'its list of tools has over 1000 pages or 20000 tools'],
    [['--same-cursor'], 'its list of tools never ends: a cursor came twice'],
    [['--many-tools'], 'its list of tools has over 1000 pages or 20000 tools'],
  ])('gives up on a list that never ends (%j)', async (args, reason) => {
    await using session = await open('endless-pages', { args })
    await expect(session.listTools(NEVER)).rejects.toMatchObject({
      code: 'server_unavailable',
      message: `server "endless-pages": ${reason}.`,
    })
  })
})

describe('an answer', () => {
  it.each(['twice', 'wrong-id-first'])('is taken once, and only for its own request (%s)', async (how) => {
    expect(await callOddly(how)).toEqual({ n: 1 })
  })

  it.each([
    ['no-result', 'server_unavailable', 'its answer has no result.'],
    ['text', 'server_unavailable', 'its result of "text" is not an object.'],
    ['deep', 'too_large', 'its answer nests too deep.'],
    ['long', 'too_large', 'its answer is too large. Raise its "maxMessageBytes".'],
  ])('of the wrong kind is one clear error (%s)', async (how, code, message) => {
    await expect(callOddly(how)).rejects.toMatchObject({ code, message: `server "odd-answers": ${message}` })
  })

  it('can be a refusal', async () => {
    const refusal = 'server "odd-answers" refused: no such tool (-32602)'
    await expect(callOddly('refuse')).rejects.toMatchObject({
      code: 'invalid_request',
      rpcCode: -32602,
      message: refusal,
    })
    await expect(callOddly('odd-error')).rejects.toThrow('refused: no reason given (0)')
  })

  it('that was cancelled is dropped, and the server is told', async () => {
    await using session = await open('odd-answers')
    const controller = new AbortController()
    const waiting = session.callTool('never', {}, controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(await session.callTool('cancelled', {}, NEVER)).toEqual({ cancelled: [2] })
  })

  it('is not asked for when the signal has aborted', async () => {
    await using session = await open('odd-answers')
    const reason = new Error('too late')
    await expect(session.callTool('cancelled', {}, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('that never comes because the server died rejects every waiting call', async () => {
    await using session = await open('odd-answers')
    const calls = ['never', 'never', 'exit', 'never'].map((how) => session.callTool(how, {}, NEVER))
    const message = 'server "odd-answers": it was ended by SIGKILL.'
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
      expect([status, reason]).toMatchObject(['rejected', { code: 'connection_closed', message }])
    }
    await expect(session.listTools(NEVER)).rejects.toThrow(message)
  })
})

describe('a server that does not start', () => {
  it('is told with its exit code and last lines, its secrets left out', async () => {
    await expect(open('dies-in-initialize', { env: { PASSWORD: 'hunter22' } })).rejects.toMatchObject({
      code: 'server_unavailable',
      message:
        'server "dies-in-initialize": it exited with code 3. ' +
        'Its last lines: starting | Error: login with [redacted] failed | at \\u{7}bell',
    })
  })

  it('is told when it never answers, with its last lines', async () => {
    await expect(open('never-answers', { startTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'timeout',
      message:
        'server "never-answers": it did not start within 300 ms. Raise its "startTimeoutMs" if it needs longer. ' +
        'Its last lines: waiting for a licence server',
    })
  })

  it('is ended when the caller gives up', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => controller.abort(reason), 100)
    await expect(open('never-answers', {}, controller.signal)).rejects.toBe(reason)
  })

  it('is told at once when it leaves a child that keeps its pipes', async () => {
    await expect(open('keeps-pipes')).rejects.toThrow(
      /^server "keeps-pipes": it exited with code 1\. Its last lines: left /,
    )
  })

  it.each(['[]', '"hello"', '{}', '{"protocolVersion":7}'])(
    'is told when it introduces itself as %s',
    async (result) => {
      await expect(open('odd-introduction', { args: [result] })).rejects.toThrow('its answer to initialize is not one.')
    },
  )

  it('need not say more than its revision', async () => {
    await using session = await open('odd-introduction', {
      args: ['{"protocolVersion":"1999-01-01","instructions":""}'],
    })
    expect(await session.listTools(NEVER)).toMatchObject({ title: undefined, description: undefined })
  })
})

describe('createListServer', () => {
  it('leaves nothing running', async () => {
    const list = createListServer(guardedConnector())
    expect((await list(fixtureServer('ignores-sigterm'), NEVER)).tools).toHaveLength(1)
    // Whether it closes its input before or after the request is in the pipe is up to the system.
    await expect(list(fixtureServer('closes-stdin', { startTimeoutMs: 500 }), NEVER)).rejects.toThrow(
      /^server "closes-stdin": it (closed its input|did not list its tools within 500 ms)\.$/,
    )
  })

  it('gives a server its start time once more for its list', async () => {
    const list = createListServer(guardedConnector())
    const definition = fixtureServer('without-tools', { name: 'slow', args: ['--silent'], startTimeoutMs: 500 })
    await expect(list(definition, NEVER)).rejects.toMatchObject({
      code: 'timeout',
      message: 'server "slow": it did not list its tools within 500 ms.',
    })
  })
})

describe('a real server', () => {
  const ROOT = join(import.meta.dirname, '../..')
  const real = (name: string, args: string[] = []): StdioServerDefinition => ({
    ...fixtureServer(name),
    args: [join(ROOT, `node_modules/@modelcontextprotocol/server-${name}/dist/index.js`), ...args],
  })

  it.each([
    ['everything', [], 13],
    ['filesystem', [ROOT], 14],
    ['memory', [], 9],
    ['sequential-thinking', [], 1],
  ])('%s lists its tools', async (name, args, count) => {
    const { tools, withheld } = await createListServer(guardedConnector())(real(name, args), NEVER)
    expect([tools.length, withheld]).toEqual([count, []])
  })

  it('answers a call', async () => {
    await using session = await openSession(real('filesystem', [ROOT]), guardedConnector(), NEVER)
    const result = await session.callTool('list_allowed_directories', {}, NEVER)
    expect(JSON.stringify(result)).toContain(ROOT)
  })
})
