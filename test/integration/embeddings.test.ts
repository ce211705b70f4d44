import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { EmbeddingsStatus } from '../../shared/contracts/health.ts'
import { type EmbeddingsServer, startEmbeddingsServer } from '../fixtures/embeddings/embeddings-server.ts'
import { reply, SLOW } from '../fixtures/selector/behaviours.ts'
import { warmCatalogue } from '../support/example-servers.ts'
import { findFreePort } from '../support/free-port.ts'
import { createTemporaryHome } from '../support/temporary-home.ts'
import { startWorker } from '../support/worker-process.ts'

const ONE_SHOT = join(import.meta.dirname, '../../dist/one-shot.cjs')
const KEY = 'sk-nobody-shall-see-this'
const TIMEOUT_MS = 3_000
// Words leave a doubt here, so that meaning is asked.
const BODY = '{"query":"show what is in a text document"}'

const held = new AsyncDisposableStack()
let endpoint: EmbeddingsServer
let variables: Readonly<Record<string, string>>
let url: string
let logPath: string

beforeAll(async () => {
  endpoint = held.use(await startEmbeddingsServer({ apiKey: KEY }))
  const home = held.use(await createTemporaryHome(process.env.PATH ?? ''))
  await warmCatalogue(home)
  variables = {
    ...home.variables,
    EMBEDDINGS_URL: endpoint.url,
    EMBEDDINGS_MODEL: 'n-grams',
    OPENAI_API_KEY: KEY,
    EMBEDDINGS_TIMEOUT_MS: String(TIMEOUT_MS),
  }
  logPath = join(home.path, 'worker.log')
  const port = await findFreePort()
  held.use(await startWorker(port, { variables, stderrPath: logPath }))
  url = `http://127.0.0.1:${port}`
  await vi.waitUntil(async () => {
    const { embedded, tools } = await embeddings()
    return tools > 0 && embedded === tools
  })
})
afterAll(() => held.disposeAsync())

async function embeddings(): Promise<EmbeddingsStatus> {
  const response = await fetch(`${url}/ready`)
  const { dependencies } = (await response.json()) as { dependencies: { selector: { embeddings: EmbeddingsStatus } } }
  return dependencies.selector.embeddings
}

async function ask(body = BODY): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/find_tools`, { method: 'POST', headers, body })).text()
}

async function askOneShot(): Promise<string> {
  const child = spawn(process.execPath, [ONE_SHOT], { env: variables, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(BODY)
  return text(child.stdout)
}

function usage(answer: string) {
  return (JSON.parse(answer) as { details: { embeddings: unknown } }).details.embeddings
}

describe('a worker with an endpoint for embeddings', () => {
  it('says how it does, and where', async () => {
    const told = await embeddings()
    expect(told).toMatchObject({ status: 'ready', url: endpoint.url, model: 'n-grams', embedded: told.tools })
    expect(await (await fetch(`${url}/api/v1/health`)).json()).toMatchObject({ embeddings: told })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('pilotlight_embeddings_requests_total{outcome="success"}')
  })

  it('finds by meaning too, and a one-shot gives the same bytes', async () => {
    const answer = await ask()
    expect(usage(answer)).toEqual({ used: true })
    expect(await askOneShot()).toBe(`${answer}\n`)
  })

  it('asks nobody where words leave no doubt', async () => {
    const before = endpoint.requests.length
    expect(usage(await ask('{"query":"read_file"}'))).toMatchObject({ used: false })
    expect(endpoint.requests.length).toBe(before)
  })

  it.each([
    ['is silent', SLOW.silence, `did not answer within ${TIMEOUT_MS} ms.`],
    ['answers with a page', reply(200, '<!doctype html>', { 'content-type': 'text/html' }), 'instead of JSON'],
  ])('finds by words and says so where the endpoint %s, once with a wait', async (_, behaviour, why) => {
    endpoint.behave(behaviour)
    const first = JSON.parse(await ask('{"query":"show what is in an old document"}')) as { status: string }
    expect(first).toMatchObject({ status: 'success' })
    expect(usage(JSON.stringify(first))).toMatchObject({ used: false, reason: expect.stringContaining(why) as string })
    // It is tried again after a while, which may pass where the machine stands still.
    await vi.waitFor(async () => {
      const asked = endpoint.requests.length
      const next = usage(await ask('{"query":"show what is in a new document"}'))
      expect(next).toMatchObject({ used: false })
      const inputs = endpoint.requests.slice(asked).flatMap(({ input }) => input)
      expect(inputs).not.toContain('show what is in a new document')
    })
    endpoint.behave(undefined)
    await expect.poll(embeddings).toMatchObject({ status: 'ready' })
    expect(usage(await ask('{"query":"show what is in a new document"}'))).toEqual({ used: true })
  })

  it('logs when it is lost and when it is back, and its key nowhere', async () => {
    const log = await readFile(logPath, 'utf8')
    expect(log).toContain('embeddings cannot be had')
    expect(log).toContain('embeddings can be had again')
    expect(log).not.toContain(KEY)
  })
})
