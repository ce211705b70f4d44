import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { ErrorLogs } from './error-logs.ts'
import { ErrorOutput } from './error-output.ts'
import { createStdioConnector } from './stdio.ts'

function outputTo(lines: string[], clock = { now: 0 }, secrets: string[] = []) {
  const write = (line: string) => lines.push(line) > 0
  return new ErrorOutput({ secrets, log: { write }, now: () => clock.now })
}

describe('ErrorOutput', () => {
  it('logs whole lines with their time, without colours, commands and secrets', () => {
    const lines: string[] = []
    const output = outputTo(lines, { now: 0 }, ['s3cret-token'])
    for (const part of ['\u001b[31mlog', 'in with s3cret-token\u001b[0m\nbell \u0007', '\nlast'])
      output.push(Buffer.from(part))
    output.end()
    const time = '1970-01-01T00:00:00.000Z'
    expect(lines).toEqual([`${time} login with [redacted]`, `${time} bell \\u{7}`, `${time} last`])
  })

  it('says that a line was too long in its place', () => {
    const lines: string[] = []
    const output = outputTo(lines)
    output.push(Buffer.from(`${'x'.repeat(20_000)}\nnext\n`))
    expect(lines.map((line) => line.slice(25))).toEqual(['[a line over 16384 bytes]', 'next'])
  })

  it('leaves out what comes too fast, counts it, and goes on when there is room', () => {
    const lines: string[] = []
    const clock = { now: 0 }
    const output = outputTo(lines, clock)
    const chunk = Buffer.from(`${'x'.repeat(1_023)}\n`.repeat(1_024))
    for (let i = 0; i < 16; i++) output.push(chunk)
    const [kept, sent] = [lines.length, 16 * 1_024]
    expect(kept).toBe(1_025)
    clock.now = 1_000
    output.push(Buffer.from('calm\n'))
    expect(lines.slice(kept).map((line) => line.slice(25))).toEqual([`[${sent - kept} lines left out]`, 'calm'])
  })

  it('counts what the log does not take', () => {
    const lines: string[] = []
    let isFull = true
    const output = new ErrorOutput({
      secrets: [],
      log: { write: (line) => !isFull && lines.push(line) > 0 },
      now: () => 0,
    })
    output.push(Buffer.from('one\ntwo\n'))
    isFull = false
    output.push(Buffer.from('three\n'))
    expect(lines.map((line) => line.slice(25))).toEqual(['[2 lines left out]', 'three'])
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
