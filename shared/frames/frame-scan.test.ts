import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Frame, type FramePath, MAX_TOKEN_BYTES, readString, readToken, scanFrame } from './frame-scan.ts'
import type { Span } from './json-scanner.ts'

const NO_MESSAGE = 'The message is neither a request, a notification nor a response.'
const NO_METHOD = 'A request needs a method that is a string, and neither result nor error.'

describe('scanFrame', () => {
  it('tells a request by its method and id', () => {
    const frame = scan('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo"}}')
    expect(frame).toMatchObject({ kind: 'request', id: { value: 7, raw: '7' }, method: 'tools/call' })
  })

  it('tells a notification by a method without an id', () => {
    expect(scan('{"method":"x","jsonrpc":"2.0"}')).toMatchObject({ kind: 'notification', method: 'x' })
  })

  it.each([
    ['{"jsonrpc":"2.0","id":"a","result":null}', false],
    ['{"error":{"code":1,"message":"no"},"id":"a","jsonrpc":"2.0"}', true],
  ])('tells an answer and whether it failed: %s', (text, failed) => {
    expect(scan(text)).toMatchObject({ kind: 'answer', id: { value: 'a', raw: '"a"' }, failed })
  })

  it('finds every member that routing looks at, wherever it stands', () => {
    const text =
      '{"result":0,"params":{"arguments":{"uri":"not this","id":1},"uri":"u","level":"l","mode":"m","name":"n","progressToken":1,' +
      '"requestId":2,"task":{"taskId":8},"taskId":"i","tools":[],"_meta":{"x":{"progressToken":9},"progressToken":"t",' +
      '"io.modelcontextprotocol/related-task":{"taskId":"r"}}},"error":[],"method":{},"id":3,"jsonrpc":0}'
    const expected: Record<FramePath, string> = {
      jsonrpc: '0',
      id: '3',
      method: '{}',
      result: '0',
      error: '[]',
      params: text.slice(text.indexOf('{"arg'), text.indexOf(',"error"')),
      'params._meta': text.slice(text.indexOf('{"x"'), text.indexOf('},"error"')),
      'params._meta.progressToken': '"t"',
      'params._meta.relatedTask': '{"taskId":"r"}',
      'params._meta.relatedTask.taskId': '"r"',
      'params.level': '"l"',
      'params.mode': '"m"',
      'params.name': '"n"',
      'params.progressToken': '1',
      'params.requestId': '2',
      'params.task': '{"taskId":8}',
      'params.taskId': '"i"',
      'params.tools': '[]',
      'params.uri': '"u"',
    }
    const valid = text.replace('"result":0,', '').replace(',"error":[],"method":{}', ',"method":"m"')
    const frame = usable(valid.replace('"jsonrpc":0', '"jsonrpc":"2.0"'))
    for (const path of frame.spans.paths) {
      const span = frame.spans.get(path) as Span
      const now = { jsonrpc: '"2.0"', method: '"m"' }[path as string] ?? expected[path]
      expect(frame.bytes.toString('utf8', span.start, span.end)).toBe(now)
    }
    const paths = Object.keys(expected).filter((path) => path !== 'result' && path !== 'error')
    expect([...frame.spans.paths].toSorted()).toEqual(paths.toSorted())
  })

  it.each(['[]', '"text"', 'null', '7', '{"uri":1}'])('takes params that are %s as they come', (params) => {
    expect(scan(`{"jsonrpc":"2.0","id":1,"method":"x","params":${params}}`).kind).toBe('request')
  })

  it('looks into no _meta that is not an object', () => {
    const frame = usable('{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":[{"progressToken":1}]}}')
    expect([...frame.spans.paths]).not.toContain('params._meta.progressToken')
  })

  it('knows names and values by what they mean, not by how they are written', () => {
    const text = '{"json\\u0072pc":"2\\u002e0","i\\u0064":"\\u0031","m\\u0065thod":"tools\\/call"}'
    expect(scan(text)).toMatchObject({ kind: 'request', id: { value: '1', raw: '"\\u0031"' }, method: 'tools/call' })
  })

  it.each([
    ['0', 0],
    ['-5', -5],
    ['1.0', 1],
    ['1e2', 100],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['""', ''],
    ['"1"', '1'],
    ['"é\\n"', 'é\n'],
  ])('reads the id %s', (raw, value) => {
    const { id } = scan(`{"jsonrpc":"2.0","id":${raw},"method":"x"}`) as Extract<Frame, { kind: 'request' }>
    expect(id.value).toBe(value)
    expect(Buffer.from(id.raw, 'latin1').toString()).toBe(raw)
  })

  it.each(['null', '1.5', 'true', '{}', '[]', '[1]', '9007199254740992', '1e400'])('refuses the id %s', (raw) => {
    expect(scan(`{"jsonrpc":"2.0","id":${raw},"method":"x"}`)).toEqual({
      kind: 'unusable',
      code: -32600,
      problem: 'The id must be a string of at most 1 KiB or a safe integer.',
      id: undefined,
      resembles: 'request',
    })
  })

  it('refuses an id one byte too long', () => {
    const longest = `"${'x'.repeat(MAX_TOKEN_BYTES - 2)}"`
    expect(scan(`{"jsonrpc":"2.0","id":${longest},"method":"x"}`)).toMatchObject({ id: { raw: longest } })
    expect(scan(`{"jsonrpc":"2.0","id":"x${longest.slice(1)},"method":"x"}`)).toMatchObject({
      kind: 'unusable',
      id: undefined,
    })
  })

  it.each([
    ['{"id":1,"method":"x"}', 'request', 'The member jsonrpc must be "2.0".'],
    ['{"jsonrpc":2.0,"id":1,"method":"x"}', 'request', 'The member jsonrpc must be "2.0".'],
    ['{"jsonrpc":"1.0","id":1,"result":1}', 'answer', 'The member jsonrpc must be "2.0".'],
    ['{"jsonrpc":"2.0","id":1}', 'empty', NO_MESSAGE],
    ['{"jsonrpc":"2.0","id":1,"result":1,"error":null}', 'answer', NO_MESSAGE],
    ['{"jsonrpc":"2.0","id":1,"method":7}', 'request', NO_METHOD],
    ['{"jsonrpc":"2.0","id":1,"method":"x","result":1}', 'request', NO_METHOD],
    ['{"jsonrpc":"2.0","id":1,"method":"x","error":1}', 'request', NO_METHOD],
    ['{"jsonrpc":"2.0","id":1,"id":1,"method":"x"}', 'request', 'The member id must not stand there twice.'],
    [
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"requestId":1,"re\\u0071uestId":2,"uri":1,"uri":1}}',
      'request',
      'The member params.requestId must not stand there twice.',
    ],
    [
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{},"_meta":{}}}',
      'request',
      'The member params._meta must not stand there twice.',
    ],
    [
      `{"jsonrpc":"2.0","result":${'['.repeat(64)}${']'.repeat(64)},"id":1}`,
      'answer',
      'The message must not nest deeper than 64 levels.',
    ],
    [
      `{"jsonrpc":"2.0","error":${'['.repeat(64)}${']'.repeat(64)},"id":1}`,
      'answer',
      'The message must not nest deeper than 64 levels.',
    ],
  ])('refuses %s and reads its id', (text, resembles, problem) => {
    expect(scan(text)).toEqual({ kind: 'unusable', code: -32600, problem, id: { value: 1, raw: '1' }, resembles })
  })

  it('takes members that are not its business however often they stand there', () => {
    expect(scan('{"jsonrpc":"2.0","method":"x","y":1,"y":2,"__proto__":3,"params":{"y":1,"y":2}}').kind).toBe(
      'notification',
    )
  })

  it('nests up to 64 levels', () => {
    expect(scan(`{"jsonrpc":"2.0","id":1,"result":${'['.repeat(63)}${']'.repeat(63)}}`).kind).toBe('answer')
  })

  it.each([
    ['{"jsonrpc":"2.0","result":1}', NO_MESSAGE],
    ['{"jsonrpc":"2.0"}', NO_MESSAGE],
    ['[{"jsonrpc":"2.0","id":1,"method":"x"}]', 'Batches are not supported: send one message at a time.'],
    ['null', 'The member jsonrpc must be "2.0".'],
    ['"text"', 'The member jsonrpc must be "2.0".'],
    ['1', 'The member jsonrpc must be "2.0".'],
  ])('refuses %s, which has no id', (text, problem) => {
    expect(scan(text)).toMatchObject({ kind: 'unusable', code: -32600, problem, id: undefined })
  })

  it.each([
    ['', 0],
    ['hello', 0],
    ['{"jsonrpc":"2.0","method":"x"', 29],
    ['{"jsonrpc":"2.0","method":"x"} {}', 31],
    ['1 2', 2],
  ])('refuses what is not JSON: %j', (text, at) => {
    const problem = `The message is not JSON from byte ${at}.`
    expect(scan(text)).toMatchObject({ kind: 'unusable', code: -32700, problem, id: undefined })
  })

  it('keeps the id that stood before the JSON broke', () => {
    const request = scan('{"jsonrpc":"2.0","id":"a","method":"x","params":{]')
    expect(request).toMatchObject({ code: -32700, id: { raw: '"a"' }, resembles: 'request' })
    expect(scan('{"jsonrpc":"2.0","id":"a","result":{]')).toMatchObject({ id: { raw: '"a"' }, resembles: 'neither' })
  })

  it('keeps the very bytes, and makes line breaks between tokens spaces', () => {
    const plain = Buffer.from('{"jsonrpc":"2.0",\t"method":"a\\nb"}')
    expect(scanFrame(plain)).toMatchObject({ bytes: plain })
    const broken = Buffer.from('{"jsonrpc":"2.0",\r\n"method":"x",\n"params":{}\n}')
    expect(scanFrame(broken)).toMatchObject({ bytes: Buffer.from('{"jsonrpc":"2.0",  "method":"x", "params":{} }') })
    expect(broken.includes('\n')).toBe(true)
  })

  it('finds in any frame what JSON.parse finds', () => {
    fc.assert(
      fc.property(frames(), ([generated, space]) => {
        const text = JSON.stringify(generated, undefined, space)
        const frame = JSON.parse(text)
        const found = usable(text)
        for (const path of found.spans.paths) {
          const span = found.spans.get(path) as Span
          const expected = path
            .split('.')
            .reduce((value: unknown, name) => (value as Record<string, unknown>)[name], frame)
          expect(JSON.parse(found.bytes.toString('utf8', span.start, span.end))).toEqual(expected)
        }
        expect(found.spans.has('params')).toBe('params' in frame)
        expect(found.bytes.includes('\n')).toBe(false)
        expect(JSON.parse(found.bytes.toString())).toEqual(frame)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('readString and readToken', () => {
  const frame = usable('{"jsonrpc":"2.0","id":1,"method":"x","params":{"uri":"a\\"b","level":7,"requestId":null}}')

  it('read what stands at a path', () => {
    expect(readString(frame, 'params.uri')).toBe('a"b')
    expect(readToken(frame, 'params.uri')).toEqual({ value: 'a"b', raw: '"a\\"b"' })
    expect(readToken(frame, 'params.level')).toEqual({ value: 7, raw: '7' })
  })

  it('are undefined for what is not there, or is of another kind', () => {
    expect(readString(frame, 'params.mode')).toBeUndefined()
    expect(readString(frame, 'params.level')).toBeUndefined()
    expect(readToken(frame, 'params.mode')).toBeUndefined()
    expect(readToken(frame, 'params.requestId')).toBeUndefined()
  })
})

function scan(text: string): Frame {
  return scanFrame(Buffer.from(text))
}

function usable(text: string) {
  const frame = scan(text)
  if (frame.kind === 'unusable') throw new Error(frame.problem)
  return frame
}

function frames() {
  const json = fc.jsonValue({ maxDepth: 4 })
  const text = fc.string({ unit: 'binary' })
  const token = fc.oneof(fc.maxSafeInteger(), text)
  const meta = fc.record({ progressToken: token, other: json }, { requiredKeys: [] })
  const names = { _meta: meta, arguments: json, uri: text, level: text, mode: json, name: text, tools: json }
  const params = fc.record({ ...names, requestId: token, progressToken: token }, { requiredKeys: [] })
  const jsonrpc = fc.constant('2.0')
  const request = fc.record({ jsonrpc, id: token, method: text, params }, { requiredKeys: ['jsonrpc', 'method'] })
  const answer = fc.record({ jsonrpc, id: token, result: json })
  return fc.tuple(fc.oneof(request, answer), fc.constantFrom(undefined, 2, '\t'))
}
