import { describe, expect, it } from 'vitest'
import { toolsAsSent } from './tools-as-sent.ts'

const SENT = [
  '{ "name": "a", "inputSchema": {"type":"object","maximum":1.0,"default":12345678901234567890,"x":"\\u00e9"} }',
  '{"inputSchema":{"type":"object","minimum":-0,"multipleOf":1e-7},"name":"b"}',
]
const PAGES = SENT.map((text) => Buffer.from(`{"nextCursor":"tools","tools":[null, 7,${text} ]}`))
const TOOLS = SENT.map((text) => JSON.parse(text))

describe('toolsAsSent', () => {
  it('gives tools as they were sent, whatever page they are on', () => {
    expect(toolsAsSent(TOOLS, PAGES)).toEqual(SENT)
    expect(toolsAsSent(TOOLS.toReversed(), PAGES)).toEqual(SENT.toReversed())
  })

  it('writes those anew that were sent otherwise, or are on no page', () => {
    const [a, b] = TOOLS
    const changed = { ...a, title: 'A' }
    expect(toolsAsSent([changed, b], PAGES)).toEqual([JSON.stringify(changed), SENT[1]])
    expect(toolsAsSent(TOOLS, [])).toEqual(TOOLS.map((tool) => JSON.stringify(tool)))
    expect(toolsAsSent([a], [Buffer.from('{"tools":{}}')])).toEqual([JSON.stringify(a)])
  })
})
