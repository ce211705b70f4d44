import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { LivePool } from '../../test/support/live-pool.ts'

const NEVER = new AbortController().signal

/** Calls a tool of a fixture server without a session. */
async function call(program: string, tool: string, args = '{}'): Promise<Record<string, unknown>> {
  const callTimeoutMs = tool === 'never' ? 500 : 60_000
  const definition = fixtureServer(program, { name: 'one', maxMessageBytes: 50_000, callTimeoutMs })
  await using live = await LivePool.of([definition])
  const result = await live.pool.call('one', { tool, arguments: Buffer.from(args) }, NEVER)
  return JSON.parse(result.toString()) as Record<string, unknown>
}

describe('a call without a session', () => {
  it('gives the server the very bytes of its arguments, but for line breaks between them', async () => {
    const args = '{"n":12345678901234567890,"n":1.0,\n  "é":"\\u00e9",\r\n"__proto__":{"a\\nb":[]}}'
    const { content } = await call('echoes-line', 'x', args)
    expect(content).toEqual([
      {
        type: 'text',
        text: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":${args.replaceAll(/[\r\n]/g, ' ')}}}`,
      },
    ])
  })

  it('has the server told that it can be asked nothing', async () => {
    expect(await call('asks-back', 'any')).toMatchObject({
      answers: [{ id: 'ping-1', result: {} }, { error: { code: -32601 } }],
    })
  })

  it.each(['twice', 'wrong-id-first'])('takes one answer, and only its own (%s)', async (how) => {
    expect(await call('odd-answers', how)).toEqual({ n: 1 })
  })

  it('is refused in the words of the server, and with all it said', async () => {
    await expect(call('odd-answers', 'refuse')).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'server "one" refused: no such tool (-32602)',
      rpcCode: -32602,
      details: { code: -32602, message: 'no such tool' },
    })
    await expect(call('odd-answers', 'odd-error')).rejects.toThrow('refused: no reason given (0)')
  })

  it.each([
    ['deep', 'server_unavailable', 'sent an unusable answer'],
    ['no-result', 'server_unavailable', 'sent an unusable answer'],
    ['long', 'too_large', 'maxMessageBytes'],
    ['exit', 'connection_closed', 'it was ended by SIGKILL.'],
    ['never', 'timeout', 'in time'],
  ])('ends with one clear error where there is no answer (%s)', async (how, code, message) => {
    await expect(call('odd-answers', how)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('says why its server is not to be had as long as it is not tried again', async () => {
    const definition = fixtureServer('none', { name: 'one', command: 'no-such-program' })
    const restart = { ...definition.restart, maxCrashes: 1 }
    await using live = await LivePool.of([{ ...definition, restart }])
    // The first attempt starts it, in the second it rests.
    for (let attempt = 1; attempt <= 2; attempt++) {
      const answer = live.pool.call('one', { tool: 'x', arguments: Buffer.from('{}') }, NEVER)
      await expect(answer).rejects.toMatchObject({
        code: 'server_unavailable',
        message: expect.stringContaining('no such command'),
      })
    }
  })
})
