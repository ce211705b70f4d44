import { isAscii } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const DIST = join(import.meta.dirname, '../dist')
const programs = readdirSync(DIST).filter((name) => name.endsWith('.cjs'))

it.each(programs)('%s is ASCII throughout, of which V8 keeps a byte for each character and not two', (program) => {
  expect(isAscii(readFileSync(join(DIST, program)))).toBe(true)
})
