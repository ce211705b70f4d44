import { describe, expect, it } from 'vitest'
import { scanFrame } from '../../shared/frames/frame-scan.ts'
import { NO_ABILITIES } from './client.ts'
import { parseHello } from './hello.ts'

const NONE = {
  roots: false,
  sampling: false,
  samplingWithTools: false,
  elicitationByForm: false,
  elicitationByUrl: false,
}

describe('parseHello', () => {
  it.each([
    [{}, NONE],
    [{ roots: {} }, { ...NONE, roots: true }],
    [{ sampling: {} }, { ...NONE, sampling: true }],
    [{ sampling: { tools: {} } }, { ...NONE, sampling: true, samplingWithTools: true }],
    [{ elicitation: {} }, { ...NONE, elicitationByForm: true }],
    [{ elicitation: { form: {} } }, { ...NONE, elicitationByForm: true }],
    [{ elicitation: { url: {} } }, { ...NONE, elicitationByUrl: true }],
    [{ elicitation: { form: {}, url: {} } }, { ...NONE, elicitationByForm: true, elicitationByUrl: true }],
    [{ roots: null, sampling: [], elicitation: true }, NONE],
    [
      { sampling: { tools: null }, elicitation: { url: false } },
      { ...NONE, sampling: true, elicitationByForm: true },
    ],
  ])('reads what a client with capabilities %j can be asked', (capabilities, abilities) => {
    expect(hello({ protocolVersion: '2025-11-25', capabilities })).toEqual({ protocolVersion: '2025-11-25', abilities })
  })

  it('reads of a client that says nothing what is held of one before it says anything', () => {
    expect(hello({ protocolVersion: '2025-11-25', capabilities: {} })?.abilities).toEqual(NO_ABILITIES)
  })

  it.each([
    [undefined],
    [null],
    [[]],
    ['text'],
    [{}],
    [{ protocolVersion: '2025-11-25' }],
    [{ protocolVersion: '2025-11-25', capabilities: [] }],
    [{ protocolVersion: '2025-11-25', capabilities: null }],
    [{ protocolVersion: 1, capabilities: {} }],
    [{ capabilities: {} }],
  ])('is undefined for the params %j', (params) => {
    expect(hello(params)).toBeUndefined()
  })
})

function hello(params: unknown) {
  const frame = scanFrame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })))
  if (frame.kind !== 'request') throw new Error('no request')
  return parseHello(frame)
}
