import { appendFile, mkdtempDisposable, rename, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { followLines, readLastLines } from './log-reader.ts'
import { RotatedLog } from './rotated-log.ts'

async function temporaryLog() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'log-reader-'))
  return { path: join(folder.path, 'a.log'), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)
const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

describe('readLastLines', () => {
  it('gives so many whole lines, oldest first', async () => {
    await using log = await temporaryLog()
    await writeFile(log.path, `${textOf(['grün', 'two', 'three'])}not yet wh`)
    expect(await readLastLines(log.path, 2)).toEqual(['two', 'three'])
    expect(await readLastLines(log.path, 50)).toEqual(['grün', 'two', 'three'])
    expect(await readLastLines(log.path, 0)).toEqual([])
  })

  it('goes on in the files that were put aside', async () => {
    await using log = await temporaryLog()
    {
      await using rotated = new RotatedLog({ path: log.path, maxBytes: 100 })
      for (const line of numbered(100, 200)) rotated.write(line)
    }
    const lines = await readLastLines(log.path, 1_000)
    expect(lines.length).toBeGreaterThan(20)
    expect(lines).toEqual(numbered(200 - lines.length, 200))
  })

  it('looks at the end of a long file alone, where lines are whole', async () => {
    await using log = await temporaryLog()
    const long = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(50_000)}`)
    await writeFile(log.path, textOf(long))
    const lines = await readLastLines(log.path, 1_000)
    expect(lines).toEqual(long.slice(-20))
  })

  it('has nothing where there is no log, or an empty one, and follows no link', async () => {
    await using log = await temporaryLog()
    expect(await readLastLines(log.path, 5)).toEqual([])
    await writeFile(log.path, '')
    expect(await readLastLines(log.path, 5)).toEqual([])
    await symlink('/etc/passwd', `${log.path}.link`)
    await expect(readLastLines(`${log.path}.link`, 5)).rejects.toThrow('ELOOP')
  })
})

describe('followLines', () => {
  it('gives what is added, each line once, over rotations of the log', async () => {
    await using log = await temporaryLog()
    await using rotated = new RotatedLog({ path: log.path, maxBytes: 2_000, maxFiles: 3 })
    for (const line of numbered(0, 10)) rotated.write(line)
    await rotated[Symbol.asyncDispose]()
    const found: string[] = []
    const followed = (async () => {
      for await (const lines of followLines(log.path, 3, new AbortController().signal)) {
        found.push(...lines)
        if (found.length >= 503) break
      }
    })()
    for (let from = 10; from < 510; from += 100) {
      for (const line of numbered(from, from + 100)) rotated.write(line)
      // No faster than whoever reads, who is not to miss a file.
      await expect.poll(() => found.length).toBe(from + 93)
    }
    await followed
    expect(found).toEqual(numbered(7, 510))
  })

  it('waits for a log that is not there yet, and for the end of a line', async () => {
    await using log = await temporaryLog()
    const followed = followLines(log.path, 5, new AbortController().signal)
    expect((await followed.next()).value).toEqual([])
    const first = followed.next()
    await writeFile(log.path, 'be')
    await appendFile(log.path, 'gun\n')
    expect((await first).value).toEqual(['begun'])
    await followed.return()
  })

  it('tells the end of a file that was put aside, and then the next one', async () => {
    await using log = await temporaryLog()
    await writeFile(log.path, 'one\n')
    const followed = followLines(log.path, 5, new AbortController().signal)
    expect((await followed.next()).value).toEqual(['one'])
    await appendFile(log.path, 'two\n')
    await rename(log.path, `${log.path}.1`)
    await writeFile(log.path, 'three\n')
    expect([(await followed.next()).value, (await followed.next()).value]).toEqual([['two'], ['three']])
    await followed.return()
  })

  it('ends when it is to', async () => {
    await using log = await temporaryLog()
    const stop = new AbortController()
    const followed = followLines(log.path, 5, stop.signal)
    await followed.next()
    const next = followed.next()
    stop.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })
})
