import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { BackgroundHome } from '../test/support/background-home.ts'
import { PILOT } from '../test/support/worker-process.ts'
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

const OFFERS = join(import.meta.dirname, '../test/fixtures/servers/offers.cjs')
const BINARIES = join(import.meta.dirname, '../node_modules/.bin')
const DEFAULT_PORT = /localhost:3021/g
const run = promisify(execFile)

/** What the examples of a guide have a shell do, chapter by chapter: lines that begin with a program, and those that go on from there. */
async function chaptersOf(path: string): Promise<string[]> {
  const chapters = (await readFile(path, 'utf8')).split(/^## /m)
  const example = /^ {4}(?:pilot|curl|buf|printf) (?:.*\\\n)*.*$/gm
  return chapters.map((text) => (text.match(example) ?? []).join('\n'))
}

/** A home whose usual configuration has the servers that the guide speaks of. */
async function homeOfTheGuide(): Promise<BackgroundHome> {
  const home = await BackgroundHome.create()
  const server = (...tools: string[]) => ({ command: process.execPath, args: [OFFERS, ...tools] })
  const mcpServers = { github: server('search_issues'), memory: server('read_graph', 'search_nodes') }
  const { configPath } = home.environment
  await mkdir(dirname(configPath), { recursive: true })
  await writeFile(configPath, JSON.stringify({ mcpServers }), { mode: 0o600 })
  return home
}

/** A script that ends with the first line that fails. A worker in the foreground is waited for, and ended behind all others. */
function scriptOf(chapter: string, port: number): string {
  const lines = chapter
    .replace(DEFAULT_PORT, `localhost:${port}`)
    .replace(/^ {4}pilot service run &$/m, '$&\nuntil pilot service health; do sleep 0.1; done')
  return `set -euo pipefail
pilot() { "${process.execPath}" "${PILOT}" "$@"; }
trap 'pilot service stop' EXIT
${lines}`
}

describe('docs/migrating.md', () => {
  it('says in each chapter what can be done so', async () => {
    const chapters = (await chaptersOf(GUIDE)).filter((lines) => lines !== '')
    expect(chapters.length).toBeGreaterThan(4)
    for (const chapter of chapters) {
      await using home = await homeOfTheGuide()
      const env = { ...home.variables, PATH: `${BINARIES}:${home.variables.PATH}` }
      const { stdout } = await run('bash', ['-c', scriptOf(chapter, home.port)], { env })
      expect(stdout).not.toBe('')
    }
  })

  it('has no command and no option that there is not', async () => {
    const commands = await commandsOf(GUIDE)
    const wrong = await Promise.all(commands.map(whyWrong))
    // A command is named without what it must be given.
    expect(wrong.filter((reason) => reason !== undefined && !reason.includes('is missing'))).toEqual([])
    expect(commands.length).toBeGreaterThan(12)
  })
})
