import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatMemory, formatRatio } from './format.ts'

describe('a figure', () => {
  it.each([
    [0.0412, '41 µs'],
    [1.239, '1.24 ms'],
    [52.34, '52.3 ms'],
    [196.4, '196 ms'],
    [1_600, '1.60 s'],
    [Number.NaN, '–'],
  ])('of %d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it.each([
    [0.4151, '0.42×'],
    [4.307, '4.31×'],
    [12.64, '12.6×'],
    [1_480.2, '1,480×'],
    [Number.NaN, '–'],
  ])('that is %d times another reads %s', (ratio, text) => {
    expect(formatRatio(ratio)).toBe(text)
  })

  it('has its thousands apart', () => {
    expect(formatCount(26_900.4)).toBe('26,900')
  })

  it.each([
    [-812.4, '-812 B'],
    [1_024, '1.02 KB'],
    [64e6, '64.0 MB'],
    [6.8e9, '6.80 GB'],
    [Number.NaN, '–'],
  ])('of %d bytes reads %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('of memory is in megabytes, or a dash where it is not known', () => {
    expect([formatMemory(71_234_567), formatMemory(undefined)]).toEqual(['71.2 MB', '–'])
  })
})
