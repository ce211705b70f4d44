import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { ManualClock, settle, settleOften } from '../../../test/support/manual-clock.ts'
import { ErrorLogs } from './error-logs.ts'
import { ErrorOutput } from './error-output.ts'
import { createStdioConnector } from './stdio.ts'

const EPOCH_MS = 1_000_000
const TIME = new Date(EPOCH_MS).toISOString()
const withoutTime = (line: string) => line.slice(TIME.length + 1)

/** An error output, what its log was given, and how it is written to: all of it is taken at once. */
function errorOutput({ secrets = [], takes = () => true }: { secrets?: string[]; takes?: () => boolean } = {}) {
  const wall = { setBackMs: 0 }
  const clock = new ManualClock()
  const stderr = new PassThrough()
  const lines: string[] = []
  const write = (line: string) => takes() && lines.push(line) > 0
  const output = new ErrorOutput(stderr, { secrets, log: { write }, now: () => clock.now() - wall.setBackMs, clock })
  output.hurry()
  const say = async (text: string) => {
    stderr.write(text)
    await settle()
  }
  return { clock, wall, stderr, output, lines, say }
}

describe('ErrorOutput', () => {
  it('logs whole lines with their time, without colours, commands and secrets', async () => {
    const { output, lines, say } = errorOutput({ secrets: ['s3cret-token'] })
    for (const part of ['\u001b[31mlog', 'in with s3cret-token\u001b[0m\nbell \u0007', '\nlast']) await say(part)
    output.end()
    expect(lines).toEqual([`${TIME} login with [redacted]`, `${TIME} bell \\u{7}`, `${TIME} last`])
  })

  it('says that a line was too long in its place', async () => {
    const { lines, say } = errorOutput()
    await say(`${'x'.repeat(20_000)}\nnext\n`)
    expect(lines.map(withoutTime)).toEqual(['[a line over 16384 bytes]', 'next'])
  })

  it('leaves out what comes too fast, counts it, and goes on when there is room', async () => {
    const { lines, say, clock } = errorOutput()
    const chunk = `${'x'.repeat(1_023)}\n`.repeat(1_024)
    for (let i = 0; i < 16; i++) await say(chunk)
    const [kept, sent] = [lines.length, 16 * 1_024]
    expect(kept).toBe(1_025)
    await clock.advance(1_000)
    await say('calm\n')
    expect(lines.slice(kept).map(withoutTime)).toEqual([`[${sent - kept} lines left out]`, 'calm'])
  })

  it('goes on as soon where the time of day was set back', async () => {
    const { lines, say, clock, wall } = errorOutput()
    await say('x'.repeat(1_000).concat('\n').repeat(2_000))
    wall.setBackMs = 3_600_000
    await clock.advance(5_000)
    await say('calm\n')
    expect(lines.map(withoutTime)).toContain('calm')
  })

  it('counts what the log does not take', async () => {
    let isFull = true
    const { lines, say } = errorOutput({ takes: () => !isFull })
    await say('one\ntwo\n')
    isFull = false
    await say('three\n')
    expect(lines.map(withoutTime)).toEqual(['[2 lines left out]', 'three'])
  })

  it('has whoever floods it wait', async () => {
    const stderr = new PassThrough({ highWaterMark: 100_000_000 })
    const clock = new ManualClock()
    const output = new ErrorOutput(stderr, { secrets: [], now: () => clock.now(), clock })
    stderr.write('x\n'.repeat(100_000))
    await settleOften()
    expect([stderr.isPaused(), output.lastLines().length]).toEqual([true, 5])
    await clock.advance(60_000)
    await settleOften()
    expect(stderr.isPaused()).toBe(false)
  })
})

describe('the error log of a server', () => {
  it('holds what all its connections said', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'error-logs-'))
    const errorLogs = new ErrorLogs(folder.path)
    const open = createStdioConnector({ variables: process.env, errorLogs })
    const definition = fixtureServer('dies-in-initialize', { env: { PASSWORD: 'hunter22' } })
    const connections = await Promise.all([1, 2].map(() => open(definition, new AbortController().signal)))
    for (const connection of connections) connection.write('{}')
    await Promise.all(connections.map(({ closed }) => closed))
    await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()))
    const lines = (await readFile(errorLogs.pathOf('dies-in-initialize'), 'utf8')).trimEnd().split('\n')
    const said = lines.map((line) => line.replace(/^\S+Z /, '')).toSorted()
    const once = ['Error: login with [redacted] failed', 'at \\u{7}bell', 'starting']
    expect(said).toEqual(once.flatMap((line) => [line, line]))
  })
})
