import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './command-table.ts'
import { parseArguments } from './parse-arguments.ts'

const GUIDE = join(import.meta.dirname, '../docs/migrating.md')

/** The commands in the examples of a guide and between its lines, as they are typed behind `pilot`. */
async function commandsOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8')
  const blocks = [...text.matchAll(/^ {4}(?:.* \| )?pilot ([^#\n]*)/gm)]
  const inline = [...text.matchAll(/`pilot ([^`]*)`/g)]
  return [...blocks, ...inline].map(([, typed = '']) => typed.replace(/&$/, '').trim())
}

/** What a shell makes of a line that has no more than double quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Why a line cannot be typed; undefined where it can. */
async function whyWrong(line: string): Promise<string | undefined> {
  const words = wordsOf(line)
  const longestFirst = COMMANDS.toSorted((a, b) => b.words.length - a.words.length)
  const entry = longestFirst.find((one) => `${words.join(' ')} `.startsWith(`${one.words} `))
  if (entry === undefined) return `${line}: there is no such command`
  const command = await entry.load()
  try {
    parseArguments(words.slice(entry.words.split(' ').length), command)
    return undefined
  } catch (thrown) {
    return `${line}: ${String(thrown)}`
  }
}

describe('docs/migrating.md', () => {
  it('has no command and no option that there is not', async () => {
    const commands = await commandsOf(GUIDE)
    const wrong = await Promise.all(commands.map(whyWrong))
    // A command is named without what it must be given.
    expect(wrong.filter((reason) => reason !== undefined && !reason.includes('is missing'))).toEqual([])
    expect(commands.length).toBeGreaterThan(12)
  })
})
