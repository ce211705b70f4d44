import { expect, it } from 'vitest'
import { SERVER_NAME, showServerName } from './server-name.ts'

it.each(['a', 'a.b', '.a', 'a.', '...', '..a', '-', 'x'.repeat(40)])('takes %s for the name of a server', (name) => {
  expect(name).toMatch(SERVER_NAME)
  expect(showServerName(name)).toBe(name)
})

it.each(['', '.', '..', 'a/b', '../a', 'a b', 'ä', '.\n', 'x'.repeat(41)])(
  'does not take %j for the name of a server',
  (name) => {
    expect(name).not.toMatch(SERVER_NAME)
    expect(showServerName(name)).toBe(JSON.stringify(name))
  },
)
