import { describe, expect, it } from 'vitest'
import { editServers } from './edit-servers.ts'

const ADDED = { new: { command: 'npx', args: ['-y', 'a "b"'], env: { KEY: 'x=y' } } }

const JSON_TEXT = `{
    // theirs
    "theme": "dark", /* nice */
    "mcpServers": {
        "one": { "command": "a" }, // first
        "two": { "command": "b" },
    },
}
`
const YAML_TEXT = `# theirs
theme: "dark" # nice
mcpServers:
  one: { command: a } # first
  two:
    command: b
`
const TOML_TEXT = `# theirs
theme = "dark" # nice

# first
[mcpServers.one]
command = "a"

[mcpServers.two]
command = "b"
args = [
  "x = y", # not a member
]
[mcpServers.two.env]
TEXT = """
[not.a.table]
"""

# last
[other]
x = 1
`

describe('a document whose servers are edited', () => {
  it('keeps its comments and its indentation in JSON', async () => {
    expect(await editServers(JSON_TEXT, 'json', { key: 'mcpServers', set: ADDED, remove: ['two'] })).toBe(`{
    // theirs
    "theme": "dark", /* nice */
    "mcpServers": {
        "one": { "command": "a" }, // first
        "new": {
            "command": "npx",
            "args": [
                "-y",
                "a \\"b\\""
            ],
            "env": {
                "KEY": "x=y"
            }
        }
    },
}
`)
  })

  it.each([
    ['{"mcpServers":{"two":{}}}', '{"mcpServers":{\n  "new": {}\n}}'],
    ['{"mcpServers":{"one":{},"two":{}}}', '{"mcpServers":{"one":{},\n  "new": {}\n}}'],
    ['{"mcpServers":{"two":{},"one":{}}}', '{"mcpServers":{"one":{},\n  "new": {}\n}}'],
    ['{}\n', '{\n  "mcpServers": {\n    "new": {}\n  }\n}\n'],
    ['{\n\t"a": 1 // one\n}', '{\n\t"a": 1, // one\n\t"mcpServers": {\n\t\t"new": {}\n\t}\n}'],
    ['{\r\n  "a": 1\r\n}', '{\r\n  "a": 1,\r\n  "mcpServers": {\r\n    "new": {}\r\n  }\r\n}'],
    ['{"mcpServers": null}', '{\n  "mcpServers": {\n    "new": {}\n  }\n}'],
  ])('is JSON still where it was %j', async (text, expected) => {
    const edited = await editServers(text, 'json', { key: 'mcpServers', set: { new: {} }, remove: ['two'] })
    expect(edited).toBe(expected)
    expect(JSON.parse(edited.replace(' // one', ''))).toBeDefined()
  })

  it('keeps its comments in YAML', async () => {
    expect(await editServers(YAML_TEXT, 'yaml', { key: 'mcpServers', set: ADDED, remove: ['two'] })).toBe(`# theirs
theme: "dark" # nice
mcpServers:
  one: { command: a } # first
  new:
    command: npx
    args:
      - -y
      - a "b"
    env:
      KEY: x=y
`)
  })

  it('keeps every other line in TOML', async () => {
    expect(await editServers(TOML_TEXT, 'toml', { key: 'mcpServers', set: ADDED, remove: ['two'] })).toBe(`# theirs
theme = "dark" # nice

# first
[mcpServers.one]
command = "a"


# last
[other]
x = 1

[mcpServers.new]
command = "npx"
args = [ "-y", "a \\"b\\"" ]

[mcpServers.new.env]
KEY = "x=y"
`)
  })

  it.each(['json', 'yaml', 'toml'] as const)('is made where there is none, in %s', async (format) => {
    const made = await editServers('', format, { key: 'mcpServers', set: ADDED, remove: [] })
    expect(await editServers(made, format, { key: 'mcpServers', set: ADDED, remove: [] })).toBe(made)
    expect(made).toContain('npx')
  })

  it('is left alone where it is written in a way that cannot be edited', async () => {
    const text = 'mcpServers = { one = { command = "a" } }\n'
    await expect(editServers(text, 'toml', { key: 'mcpServers', set: ADDED, remove: [] })).rejects.toThrow(
      'The servers under "mcpServers" are written in a way that cannot be edited; edit them by hand.',
    )
  })
})
