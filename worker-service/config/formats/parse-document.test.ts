import { describe, expect, it } from 'vitest'
import { formatOf, parseDocument } from './parse-document.ts'

const VALUE = { mcpServers: { 'my.one': { command: 'a', args: ['b', 'c'], env: { PORT: 80, DEBUG: true } } } }

const JSON_TEXT = `\uFEFF{
  // mine
  "mcpServers": {
    "my.one": { "command": "a", /* none */ "args": ["b", "c",],
      "env": { "PORT": 80, "DEBUG": true }, },
  },
}`

const YAML_TEXT = `# mine
mcpServers:
  my.one: { command: a,  args: [b, c],
      env: &env { PORT: 80, DEBUG: true } }
`

const TOML_TEXT = `# mine
[mcpServers."my.one"]
command = "a" # none
args = [
  "b", "c",
]
  env = { PORT = 80, DEBUG = true }
`

/** The value of a text, or its mistakes. */
async function read(text: string, format: 'json' | 'yaml' | 'toml') {
  const parsed = await parseDocument(text, format)
  if (parsed.kind === 'value') return parsed.value
  return parsed.mistakes.map(({ position, text: what }) => `${position?.line}:${position?.column} ${what}`)
}

describe.each([
  ['json', JSON_TEXT, { server: '4:5', args: '4:44', port: '5:16' }],
  ['yaml', YAML_TEXT, { server: '3:3', args: '3:26', port: '4:19' }],
  // What is inside an inline table has no line of its own.
  ['toml', TOML_TEXT, { server: '2:1', args: '4:1', port: '7:3' }],
] as const)('a document in %s', (format, text, places) => {
  it('is read, comments and all', async () => {
    expect(await read(text, format)).toEqual(VALUE)
  })

  it('knows where each member stands, or what is around it', async () => {
    const parsed = await parseDocument(text, format)
    const at = (...path: Array<string | number>) => {
      const position = parsed.kind === 'value' ? parsed.locate(path) : undefined
      return position && `${position.line}:${position.column}`
    }
    expect(at('mcpServers', 'my.one')).toBe(places.server)
    expect(at('mcpServers', 'my.one', 'nothing', 'there')).toBe(places.server)
    expect(at('mcpServers', 'my.one', 'args')).toBe(places.args)
    expect(at('mcpServers', 'my.one', 'env', 'PORT')).toBe(places.port)
    expect(at()).toBeUndefined()
    expect(at('elsewhere')).toBeUndefined()
  })
})

describe('a document that is broken', () => {
  it.each([
    [
      'json',
      '{\n  "a": { "b": "s3cret" }\n  "c": { "d" "s3cret" }\n',
      ['3:3 comma expected', '3:14 colon expected', '4:1 close brace expected'],
    ],
    ['json', '', ['1:1 value expected']],
    ['json', '{\n  "a": {"b": ["s3cret"', ['2:23 close bracket expected']],
    ['json', '{"a":"\u0000"}', ['1:6 invalid character']],
    [
      'yaml',
      'a: s3cret\nb: [\n',
      ['3:1 flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['yaml', 'a: 1\na: s3cret\n', ['2:1 map keys must be unique']],
    ['yaml', 'a: 1\n---\nb: 2\n', ['2:1 a second document begins here; keep one of them']],
    ['yaml', 'a: !!js/function "s3cret"\n', [expect.stringMatching(/^1:4 unresolved tag/)]],
    ['yaml', 'a: &a [*a, *a]\n', ['undefined:undefined its aliases refer to too much, or to themselves']],
    ['toml', 'a = 1\nb = "s3cret\n', [expect.stringMatching(/^2:\d+ \w[^"]*$/)]],
    ['toml', 'a = 1\na = "s3cret"\n', ['2:1 trying to redefine an already defined table or value']],
  ] as const)(
    'in %s as %j is told each mistake with its place, and quotes no value',
    async (format, text, mistakes) => {
      const told = await read(text, format)
      expect(told).toEqual(mistakes)
      expect(JSON.stringify(told)).not.toContain('s3cret')
    },
  )

  it.each([
    ['json', '['.repeat(100_000)],
    ['yaml', 'a: '.concat('['.repeat(100_000))],
    ['yaml', '- '.repeat(100_000)],
    ['toml', 'a = '.concat('['.repeat(100_000))],
  ] as const)('in %s because it is too deep is told so once', async (format, text) => {
    expect(await read(text, format)).toEqual([expect.stringMatching(/nest/)])
  })

  it('in YAML because its aliases multiply is not expanded', async () => {
    const level = (at: number) =>
      at === 0
        ? 'x'
        : Array(9)
            .fill(`*l${at - 1}`)
            .join(', ')
    const levels = Array.from({ length: 12 }, (_, at) => `l${at}: &l${at} [${level(at)}]`)
    expect(await read(levels.join('\n'), 'yaml')).toEqual([expect.stringContaining('its aliases refer to too much')])
  })

  it.each(['\u0000', '"', '}{', '//', ': :', '[[', '= 1', '\ud800'])(
    'is told so or read, whatever the text: %j',
    async (text) => {
      for (const format of ['json', 'yaml', 'toml'] as const) {
        expect(['value', 'mistakes']).toContain((await parseDocument(text, format)).kind)
      }
    },
  )
})

describe('the format of a file', () => {
  it.each([
    ['/a/mcp.json', 'json'],
    ['/a/mcp.jsonc', 'json'],
    ['/a.toml/mcp', 'json'],
    ['/a/mcp.yaml', 'yaml'],
    ['/a/mcp.YML', 'yaml'],
    ['/a/mcp.toml', 'toml'],
  ])('of %s is %s', (path, format) => {
    expect(formatOf(path)).toBe(format)
  })
})
