import { describe, expect, it } from 'vitest'
import { compact, splitIndexWords, splitWords, toTerm } from './tokens.ts'

describe('splitWords', () => {
  it.each([
    ['Read a File, please!', ['read', 'a', 'file', 'please']],
    ['read_file get-sum fs/read.now', ['read', 'file', 'get', 'sum', 'fs', 'read', 'now']],
    ['readFile ReadFile', ['read', 'file', 'read', 'file']],
    ['HTTPServer parseJSONBody URLs PDFs', ['http', 'server', 'parse', 'json', 'body', 'urls', 'pdfs']],
    ['base64 s3Bucket utf8', ['base', '64', 's', '3', 'bucket', 'utf', '8']],
    ["the user's file, the users’ files, don't", ['the', 'user', 'file', 'the', 'users', 'files', 'dont']],
    ['ﬁle Ｒｅａｄ ①', ['file', 'read', '1']],
    ['Größe naïve Ёлка', ['größe', 'naïve', 'ёлка']],
    ['读取文件', ['读取', '取文', '文件']],
    ['删除GitHub仓库', ['删除', 'git', 'hub', '仓库']],
    ['ファイルを読む', ['ファ', 'ァイ', 'イル', 'ルを', 'を読', '読む']],
    ['파일 읽기', ['파일', '읽기']],
    ['书', ['书']],
    ['', []],
    [' \n—…🙂', []],
  ])('splits %j', (text, words) => {
    expect(splitWords(text)).toEqual(words)
  })

  it('takes a lone surrogate for no letter', () => {
    expect(splitWords('a\ud800b')).toEqual(['a', 'b'])
  })
})

describe('splitIndexWords', () => {
  it.each([
    ['GitHub', ['git', 'hub', 'github']],
    ['PostgreSQL', ['postgre', 'sql', 'postgresql']],
    ['getGitHubIssue', ['get', 'git', 'hub', 'issue']],
    ['HTTPServer', ['http', 'server']],
  ])('splits %j and keeps names of two parts whole as well', (text, words) => {
    expect(splitIndexWords(text)).toEqual(words)
  })
})

describe('toTerm', () => {
  it.each([
    ['directories', 'directory'],
    ['listing', 'lists'],
    ['created', 'creating'],
  ])('takes %s and %s for the same', (left, right) => {
    expect(toTerm(left)).toBe(toTerm(right))
  })

  it.each(['the', 'please', 'could', 'dont'])('has no term for the stop word %s', (word) => {
    expect(toTerm(word)).toBeUndefined()
  })

  it('cuts what is no word of a language', () => {
    expect(toTerm('a'.repeat(10_000))).toBe('a'.repeat(40))
  })
})

describe('compact', () => {
  it('spells read_file, readFile, Read-File and "read file" the same', () => {
    const spellings = ['read_file', 'readFile', 'Read-File', 'read file', 'READ_FILE']
    expect(new Set(spellings.map(compact))).toEqual(new Set(['readfile']))
  })
})
