import { describe, expect, it } from 'vitest'
import { sampleServer, sampleTool } from '../../test/fixtures/sample-servers.ts'
import { ToolNames } from './tool-names.ts'

/** A catalogue of servers with these tools, in one revision after another. */
function catalogues() {
  let revision = 0
  return (...servers: [name: string, ...tools: string[]][]) => {
    revision++
    const listed = servers.map(([name, ...tools]) =>
      sampleServer(
        name,
        tools.map((tool) => sampleTool(tool, tool)),
      ),
    )
    return { revision, servers: () => listed }
  }
}

describe('ToolNames', () => {
  it('gives the name to whoever had it first, wherever another comes in', () => {
    const [names, catalogue] = [new ToolNames(), catalogues()]
    expect(names.of(catalogue(['mail', 'search'])).nameOf('mail/search')).toBe('search')
    const after = names.of(catalogue(['files', 'search'], ['mail', 'search']))
    expect([after.nameOf('files/search'), after.nameOf('mail/search')]).toEqual(['files__search', 'search'])
  })

  it('keeps a name for a tool that is away, and knows no way back from it meanwhile', () => {
    const [names, catalogue] = [new ToolNames(), catalogues()]
    names.of(catalogue(['mail', 'search']))
    const away = names.of(catalogue(['files', 'search']))
    expect([away.nameOf('files/search'), away.idOf('search')]).toEqual(['files__search', undefined])
    expect(names.of(catalogue(['files', 'search'], ['mail', 'search'])).idOf('search')).toBe('mail/search')
  })

  it('gives the same names while the catalogue stays as it is', () => {
    const [names, catalogue] = [new ToolNames(), catalogues()]
    const same = catalogue(['mail', 'search'])
    expect(names.of(same)).toBe(names.of(same))
  })

  it('remembers only so many, and forgets first what is away longest', () => {
    const [names, catalogue] = [new ToolNames(2), catalogues()]
    names.of(catalogue(['one', 'search']))
    names.of(catalogue(['two', 'find', 'look']))
    expect(names.of(catalogue(['three', 'search', 'find'])).nameOf('three/search')).toBe('search')
    expect(names.of(catalogue(['three', 'search', 'find'])).nameOf('three/find')).toBe('three__find')
  })
})
