import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

describe('Turns', () => {
  it('lets so many work at once, and the next when one is done or has failed', async () => {
    const turns = new Turns(2)
    const begun: number[] = []
    const works = [0, 1, 2, 3].map(() => Promise.withResolvers<number>())
    const done = works.map(({ promise }, index) =>
      turns.do(() => {
        begun.push(index)
        return promise
      }),
    )
    expect(begun).toEqual([0, 1])
    works[1]?.reject(new Error('no'))
    await expect(done[1]).rejects.toThrow('no')
    expect(begun).toEqual([0, 1, 2])
    for (const [index, { resolve }] of works.entries()) resolve(index)
    expect(await Promise.all([done[0], done[2], done[3]])).toEqual([0, 2, 3])
    expect(begun).toEqual([0, 1, 2, 3])
  })
})
