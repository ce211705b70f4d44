import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Duplex } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { fixtureEntry } from '../support/fixture-server.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'

const VERBATIM = join(import.meta.dirname, '../fixtures/servers/verbatim.cjs')
const SOON = { interval: 50 }

const HELLO = {
  id: 'hello',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}
const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']
const QUESTIONS = [HELLO, ...LISTS.map((method, index) => ({ id: index, method }))]

/** Asks one after the other and returns the lines of the answers as they came. */
async function linesOf(stream: Duplex, questions: readonly object[]): Promise<string[]> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]()
  const answers: string[] = []
  for (const question of questions) {
    stream.write(`${JSON.stringify({ jsonrpc: '2.0', ...question })}\n`)
    const { value } = await lines.next()
    answers.push(String(value))
  }
  stream.destroy()
  return answers
}

const rememberedBy = (worker: OwnWorker, server: string) => linesOf(connect(worker.socketOf(server)), QUESTIONS)

/** What the program answers that nothing stands before. */
async function directly(program: string): Promise<string[]> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const answers = await linesOf(Duplex.from({ readable: child.stdout, writable: child.stdin }), QUESTIONS)
  child.kill()
  await exited
  return answers
}

/** The prompts of all servers, over the socket of all. */
async function allPrompts(worker: OwnWorker): Promise<unknown> {
  using client = new LineClient(worker.socketOf())
  await client.hello()
  const { result } = await client.ask('prompts/list')
  return result?.['prompts']
}

describe('a worker that is started again', () => {
  it('greets and lists as the server does, byte for byte, and starts it for the first call', async () => {
    await using worker = await OwnWorker.start({ mcpServers: { one: fixtureEntry('verbatim') } })
    expect(await allPrompts(worker)).toMatchObject([{ name: 'greet' }])
    await vi.waitFor(async () => {
      await worker.restart()
      expect(await rememberedBy(worker, 'one')).toEqual(await directly(VERBATIM))
      expect(await allPrompts(worker)).toMatchObject([{ name: 'greet' }])
      expect(await worker.starts()).toBe(0)
    }, SOON)
    using client = new LineClient(worker.socketOf('one'))
    await client.hello()
    expect(await client.call('echo')).toHaveProperty('result')
    expect(await worker.starts()).toBe(1)
    expect(await rememberedBy(worker, 'one')).toEqual(await directly(VERBATIM))
  })

  it('tells clients that the list has changed when the server, once it is there, has another', async () => {
    await using worker = await OwnWorker.start({})
    const file = join(worker.home.path, 'tool')
    await writeFile(file, 'before')
    await worker.reconfigure({ mcpServers: { one: fixtureEntry('verbatim', [file]) } })
    await vi.waitFor(async () => {
      expect(await worker.listed()).toBe(1)
      await worker.restart('SIGKILL')
      expect(await worker.starts()).toBe(0)
    }, SOON)
    await writeFile(file, 'after')
    using client = new LineClient(worker.socketOf('one'))
    await client.hello()
    expect(await client.ask('tools/list')).toMatchObject({ result: { tools: [{ name: 'before' }] } })
    expect(await client.ask('prompts/list')).toHaveProperty('result')
    await client.call('after')
    const news = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
    await vi.waitFor(() => expect(client.messages.filter(({ method }) => method !== undefined)).toEqual([news]))
    expect(await client.ask('tools/list')).toMatchObject({ result: { tools: [{ name: 'after' }] } })
    await vi.waitFor(async () => {
      await worker.restart()
      expect(await rememberedBy(worker, 'one')).toEqual(expect.arrayContaining([expect.stringContaining('"after"')]))
    }, SOON)
  })
})
