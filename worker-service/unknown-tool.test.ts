import { describe, expect, it } from 'vitest'
import { checkToolIsKnown } from './unknown-tool.ts'

const KNOWN = ['read_file', 'read_text_file', 'write_file', 'list_directory']

function failure(tool: string, known: readonly string[] | undefined = KNOWN): unknown {
  try {
    return checkToolIsKnown('files', tool, known)
  } catch (thrown) {
    return thrown
  }
}

describe('a tool', () => {
  it('that is known may be called, and any where none are known', () => {
    expect([failure('read_file'), checkToolIsKnown('files', 'any', undefined)]).toEqual([undefined, undefined])
  })

  it('that is not known is refused with the names that may have been meant', () => {
    expect(failure('readfile')).toMatchObject({
      code: 'unknown_tool',
      message: 'server "files": there is no tool "readfile". Did you mean read_file?',
      details: { did_you_mean: ['read_file'] },
    })
  })

  it('that is like no other is refused without a guess', () => {
    const message = 'server "files": there is no tool "photograph".'
    expect(failure('photograph')).toMatchObject({ message, details: { did_you_mean: [] } })
    expect(failure('read_file', [])).toMatchObject({ code: 'unknown_tool', details: { did_you_mean: [] } })
  })
})
