import { describe, expect, it } from 'vitest'
import { expandVariables } from './expand-variables.ts'

const VARIABLES = { TOKEN: 's3cret', EMPTY: '', NESTED: '${TOKEN}', UNSET: undefined }

describe('expandVariables', () => {
  it.each([
    ['Bearer ${TOKEN}', 'Bearer s3cret'],
    ['${TOKEN}${TOKEN}', 's3crets3cret'],
    ['${TOKEN:-other}', 's3cret'],
    ['${EMPTY}', ''],
    ['${EMPTY:-other}', 'other'],
    ['${ABSENT:-}', ''],
    ['${ABSENT:-a b:-c}', 'a b:-c'],
    ['${UNSET:-other}', 'other'],
  ])('expands %s', (text, expected) => {
    const missing = new Set<string>()
    expect(expandVariables(text, VARIABLES, missing)).toBe(expected)
    expect(missing).toEqual(new Set())
  })

  it.each(['plain', '$TOKEN', '${}', '${env:TOKEN}', '${1}', '${TOKEN', '{TOKEN}'])('leaves %s as it is', (text) => {
    expect(expandVariables(text, VARIABLES, new Set())).toBe(text)
  })

  it('does not look through values again', () => {
    expect(expandVariables('${NESTED}', VARIABLES, new Set())).toBe('${TOKEN}')
  })

  it('collects every name that is missing', () => {
    const missing = new Set<string>()
    expandVariables('${ABSENT} ${UNSET} ${TOKEN} ${ABSENT}', VARIABLES, missing)
    expect([...missing]).toEqual(['ABSENT', 'UNSET'])
  })

  it('knows no variables that objects are born with', () => {
    const missing = new Set<string>()
    expandVariables('${toString} ${constructor}', VARIABLES, missing)
    expect([...missing]).toEqual(['toString', 'constructor'])
  })
})
