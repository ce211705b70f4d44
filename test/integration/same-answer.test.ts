import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reply } from '../fixtures/selector/behaviours.ts'
import { startFakeSelector } from '../fixtures/selector/fake-selector.ts'
import { warmCatalogue } from '../support/example-servers.ts'
import { findFreePort } from '../support/free-port.ts'
import { createTemporaryHome } from '../support/temporary-home.ts'
import { startWorker } from '../support/worker-process.ts'

const ONE_SHOT = join(import.meta.dirname, '../../dist/one-shot.cjs')
type Variables = Readonly<Record<string, string>>

const held = new AsyncDisposableStack()
let variables: Variables
let url: string

beforeAll(async () => {
  const home = held.use(await createTemporaryHome(process.env.PATH ?? ''))
  await warmCatalogue(home)
  const port = await findFreePort()
  held.use(await startWorker(port, { variables: home.variables, stderrPath: join(home.path, 'worker.log') }))
  variables = home.variables
  url = `http://127.0.0.1:${port}/find_tools`
})
afterAll(() => held.disposeAsync())

async function askWorker(body: string, at = url): Promise<string> {
  const response = await fetch(at, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return response.text()
}

async function askOneShot(
  body: string,
  environment: Variables = variables,
): Promise<{ line: string; exitCode: number }> {
  const child = spawn(process.execPath, [ONE_SHOT], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(body)
  const [line, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { line, exitCode: exitCode as number }
}

const TOO_DEEP = '['.repeat(100) + ']'.repeat(100)

describe('worker and one-shot', () => {
  it.each([
    ['a search', '{"query":"read a file"}', 0],
    ['a compact search', '{"query":"read a file","compact":"true"}', 0],
    ['a detailed search with a limit', '{"query":"read a file","limit":"3","detailed_response":true}', 0],
    ['several needs in one query', '{"query":"create entities, then list a folder","min_score":0,"limit":25}', 0],
    ['a query that finds nothing', '{"query":"quantum teleportation of bananas"}', 0],
    ['no query', '{}', 0],
    ['a foreign script', '{"query":"ファイルを読む"}', 0],
    ['control and bidi characters', '{"query":"\\u0000\\u202e read\\u001b[31m file"}', 0],
    ['an agent', '{"query":"read a file","agent_id":"agent-1","keep_tools":"filesystem/write_file"}', 0],
    ['a field that cannot be read', '{"limit":{},"query":7}', 2],
    ['an array', '[]', 2],
    ['an empty body', '', 2],
    ['truncated JSON', '{"query":"rea', 2],
    ['nesting too deep', `{"query":${TOO_DEEP}}`, 2],
  ])('give the same bytes for %s', async (_, body, exitCode) => {
    const fromWorker = await askWorker(body)
    const fromOneShot = await askOneShot(body)
    expect(fromOneShot.line).toBe(`${fromWorker}\n`)
    expect(fromOneShot.exitCode).toBe(exitCode)
  })

  it('agree on what is attached to whom', async () => {
    const attach = (query: string) => JSON.stringify({ query, agent_id: 'agent-2', limit: 1 })
    await askWorker(attach('read_text_file'))
    const moved = JSON.parse((await askOneShot(attach('create_entities'))).line) as { details: object }
    expect(moved.details).toMatchObject({ detached_tools: ['filesystem/read_text_file'], target_agent: 'agent-2' })
    const back = JSON.parse(await askWorker(attach('read_text_file'))) as { details: object }
    expect(back.details).toMatchObject({ detached_tools: ['memory/create_entities'] })
  })

  it('give the same bytes over an external selector, whether it answers or not', async () => {
    await using selector = await startFakeSelector()
    // Beside the first worker there is room for another only elsewhere.
    const elsewhere = join(variables.HOME ?? '', 'elsewhere')
    const environment = { ...variables, XDG_RUNTIME_DIR: elsewhere, TOOL_SELECTOR_URL: selector.url }
    const port = await findFreePort()
    await using _ = await startWorker(port, {
      variables: environment,
      stderrPath: join(variables.HOME ?? '', 'api.log'),
    })
    const ask = (body: string) => askWorker(body, `http://127.0.0.1:${port}/find_tools`)
    const answer = await ask('{"query":"read a file"}')
    expect(answer).toContain('"status":"success"')
    expect(await askOneShot('{"query":"read a file"}', environment)).toEqual({ line: `${answer}\n`, exitCode: 0 })
    selector.behave(reply(200, '<!doctype html>', { 'content-type': 'text/html' }))
    const failure = await ask('{"query":"read a file"}')
    expect(failure).toContain('"code":"selector_failed"')
    expect(await askOneShot('{"query":"read a file"}', environment)).toEqual({ line: `${failure}\n`, exitCode: 69 })
  })
})

describe('a one-shot', () => {
  it('says every mistake in its environment as its answer', async () => {
    const { line, exitCode } = await askOneShot('{}', { ...variables, WORKER_SERVICE_PORT: 'x', FIND_TOOLS_MODE: 'y' })
    expect(JSON.parse(line)).toMatchObject({ status: 'error', code: 'invalid_configuration' })
    expect(line).toContain('WORKER_SERVICE_PORT')
    expect(line).toContain('FIND_TOOLS_MODE')
    expect(exitCode).toBe(78)
  })
})
