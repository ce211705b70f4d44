import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reply } from '../../../test/fixtures/selector/behaviours.ts'
import { type FakeSelector, startFakeSelector } from '../../../test/fixtures/selector/fake-selector.ts'
import { resolveSelectorSite } from '../selectors/selector-site.ts'
import { exchange } from './exchange.ts'

const NEVER = new AbortController().signal
const MAX_RESPONSE_BYTES = 1_000

let fake: FakeSelector
let agent: Agent

beforeEach(async () => {
  fake = await startFakeSelector()
  agent = new Agent({ connections: 1 })
})

afterEach(async () => {
  await agent.destroy()
  await fake[Symbol.asyncDispose]()
})

function post(signal = NEVER) {
  const site = resolveSelectorSite({ baseUrl: fake.url })
  const request = { method: 'POST', path: '/', headers: site.headers, body: '{}' } as const
  return exchange(request, { agent, site, timeoutMs: 60_000, maxResponseBytes: MAX_RESPONSE_BYTES }, signal)
}

describe('an exchange with a selector', () => {
  it('gives status, headers and the bytes of the body', async () => {
    fake.behave(reply(418, 'short and stout', { 'x-kind': 'teapot' }))
    const { status, headers, body } = await post()
    expect({ status, kind: headers['x-kind'], body: body.toString() }).toEqual({
      status: 418,
      kind: 'teapot',
      body: 'short and stout',
    })
  })

  it('puts a body together that comes in pieces, split within a character', async () => {
    const bytes = Buffer.from('größer 😀')
    fake.behave((_, response) => {
      const writeFrom = (at: number) => {
        if (at === bytes.length) response.end()
        else response.write(bytes.subarray(at, at + 1), () => setImmediate(() => writeFrom(at + 1)))
      }
      writeFrom(0)
    })
    expect((await post()).body).toEqual(bytes)
  })

  it('waits for the answer behind early hints', async () => {
    fake.behave((request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      reply(200, 'answer')(request, response)
    })
    expect(await post()).toMatchObject({ status: 200, body: Buffer.from('answer') })
  })

  it('reads a body as long as is allowed, and not one byte more', async () => {
    fake.behave(reply(200, 'x'.repeat(MAX_RESPONSE_BYTES)))
    expect((await post()).body).toHaveLength(MAX_RESPONSE_BYTES)
    fake.behave((_, response) => response.end('x'.repeat(MAX_RESPONSE_BYTES + 1)))
    await expect(post()).rejects.toMatchObject({ message: expect.stringContaining('more than 1000 bytes') })
  })

  it('takes an encoding that is none', async () => {
    fake.behave(reply(200, 'plain', { 'content-encoding': 'identity' }))
    expect((await post()).body.toString()).toBe('plain')
  })

  it('keeps its connection after an error status', async () => {
    fake.behave(reply(500, 'oops'))
    for (let call = 0; call < 5; call++) expect((await post()).status).toBe(500)
    expect(fake.connections.accepted).toBe(1)
  })

  it('throws the reason of a signal that has aborted before, and sends nothing', async () => {
    const reason = new Error('too late')
    await expect(post(AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(fake.connections.accepted).toBe(0)
  })
})
