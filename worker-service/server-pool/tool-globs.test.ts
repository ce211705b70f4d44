import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { createGlobCheck, createPinnedCheck, createToolFilter } from './tool-globs.ts'

describe('createGlobCheck', () => {
  it.each([
    ['*', 'anything'],
    ['*', ''],
    ['read_file', 'read_file'],
    ['read_*', 'read_'],
    ['*_file', 'read_file'],
    ['r**e', 'read_file'],
    ['?ead', 'read'],
    ['?', '🛠'],
    ['a.b', 'a.b'],
    ['[a-z]{2}', '[a-z]{2}'],
    ['(a|b)+^$\\', '(a|b)+^$\\'],
  ])('takes %s for %s', (glob, name) => {
    expect(createGlobCheck([glob])(name)).toBe(true)
  })

  it.each([
    ['read', 'read_file'],
    ['file', 'read_file'],
    ['read_*', 'READ_FILE'],
    ['?', ''],
    ['a.b', 'axb'],
    ['[a-z]', 'a'],
    ['a|b', 'a'],
  ])('does not take %s for %s', (glob, name) => {
    expect(createGlobCheck([glob])(name)).toBe(false)
  })
})

describe('createToolFilter', () => {
  const names = ['read_file', 'read_folder', 'write_file', 'delete_file']

  it.each([
    [[], [], names],
    [['read_*'], [], ['read_file', 'read_folder']],
    [[], ['delete_*', 'write_*'], ['read_file', 'read_folder']],
    [['*_file'], ['delete_*'], ['read_file', 'write_file']],
    [['nothing'], [], []],
  ])('offers what %j includes and %j does not exclude', (includeTools, excludeTools, offered) => {
    expect(names.filter(createToolFilter({ includeTools, excludeTools }))).toEqual(offered)
  })
})

describe('createPinnedCheck', () => {
  it('knows the pinned tools of each server', () => {
    const isPinned = createPinnedCheck([fixtureServer('a', { pinnedTools: ['read_*'] }), fixtureServer('b')])
    expect([
      isPinned('a', 'read_file'),
      isPinned('a', 'write'),
      isPinned('b', 'read_file'),
      isPinned('c', 'x'),
    ]).toEqual([true, false, false, false])
  })
})
