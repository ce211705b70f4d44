import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type ClientPartner, ClientPipes } from './client-pipes.ts'

const MAX_LINE_BYTES = 200

/** What a partner is given of a client that says all this and ends its input, and what the client is sent. */
async function exchange(...lines: string[]) {
  const given: string[] = []
  const partner: ClientPartner = {
    request: ({ method }) => Boolean(given.push(`request ${method}`)),
    notify: ({ method }) => Boolean(given.push(`notification ${method}`)),
    answer: ({ id }) => Boolean(given.push(`answer ${id.raw}`)),
    inputEnded: () => void given.push('end'),
    hold: () => {},
    release: () => {},
    settled: () => Promise.resolve(),
  }
  const [input, output] = [new PassThrough(), new PassThrough()]
  input.end(lines.map((line) => `${line}\n`).join(''))
  await new ClientPipes({ input, output }, { maxLineBytes: MAX_LINE_BYTES }).serve(
    partner,
    new AbortController().signal,
  )
  output.end()
  const sent = (await text(output)).split('\n').slice(0, -1)
  return { given, sent: sent.map((line) => JSON.parse(line) as unknown) }
}

describe('ClientPipes', () => {
  it('give the partner each message by its kind', async () => {
    const { given, sent } = await exchange(
      '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":"a","result":{}}',
    )
    expect(given).toEqual(['request ping', 'notification notifications/initialized', 'answer "a"', 'end'])
    expect(sent).toEqual([])
  })

  it('answer what is no message, and a line that is too long, without an id, and go on', async () => {
    const { given, sent } = await exchange(
      'not JSON',
      'x'.repeat(MAX_LINE_BYTES + 1),
      '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    )
    expect(sent).toMatchObject([
      { id: null, error: { code: -32700 } },
      { id: null, error: { code: -32012 } },
    ])
    expect(given).toEqual(['request ping', 'end'])
  })

  it('answer a request that cannot be used by its own id, and tell of an answer that cannot be without one', async () => {
    const { given, sent } = await exchange('{"id":1,"method":"ping"}', '{"id":1,"result":{}}')
    expect(sent).toMatchObject([
      { id: 1, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
    ])
    expect(given).toEqual(['end'])
  })
})
