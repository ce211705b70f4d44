import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { FindToolsAnswer, FoundTool } from '../../shared/contracts/find-tools.ts'
import type { Readiness } from '../../shared/contracts/health.ts'

const ROOT = join(import.meta.dirname, '../..')
const START_DEADLINE_MS = 60_000
/** As many as examples/mcp.json configures. */
const SERVERS = 4
const LIMIT = 6
const TOKEN = 'demo-token'

type Variables = Record<string, string>

/** A worker with folders of its own. `environment` is what its programs are started with. */
export interface DemoWorker extends AsyncDisposable {
  environment: Variables
  listed: { server: string; tools: number }[]
  /** Servers that could not be listed, with the reason. */
  skipped: Record<string, string>
  /** Calls a tool without arguments on one of the servers, and resolves with the lines it answers. */
  call(server: string, tool: string): Promise<string[]>
}

/** An MCP client connected to the front over stdio. */
export interface Front extends AsyncDisposable {
  environment: Variables
  findTools(query: string): Promise<{ message: string; tools: FoundTool[] }>
}

/** Starts the worker on a free port over examples/mcp.json and waits until every server was listed. */
export async function startWorker(folder: string): Promise<DemoWorker> {
  const port = await freePort()
  const environment = demoEnvironment(folder, port)
  const child = spawn(process.execPath, [join(ROOT, 'dist/pilot.cjs'), 'service', 'run'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: string[] = []
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()))
  try {
    const url = `http://127.0.0.1:${port}`
    const { servers, skipped } = await untilListed(url, child)
    const tools = await toolsOfEachServer(url)
    const listed = servers.map((server) => ({ server, tools: tools.get(server) ?? 0 }))
    const call = (server: string, tool: string) => callTool(`${url}/servers/${server}/execute`, tool)
    return { environment, listed, skipped, call, [Symbol.asyncDispose]: () => stop(child) }
  } catch (thrown) {
    await stop(child)
    process.stderr.write(log.join(''))
    throw thrown
  }
}

async function callTool(url: string, tool: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ tool }) })
  const { content } = (await response.json()) as { content: { text?: string }[] }
  return content.flatMap(({ text = '' }) => text.split('\n'))
}

/** Starts `pilot mcp` and connects the official client to it. */
export async function startFront({ environment }: DemoWorker): Promise<Front> {
  const client = new Client({ name: 'pilotlight-demo', version: '1.0.0' })
  const args = [join(ROOT, 'dist/pilot.cjs'), 'mcp']
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env: environment, stderr: 'inherit' }),
  )
  return {
    environment,
    findTools: async (query) => {
      const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { query, limit: LIMIT } })
      return readAnswer(structuredContent as FindToolsAnswer)
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** Asks a one-shot process the same, as the front does while the worker is away. */
export async function askOneShot(environment: Variables, query: string): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/one-shot.cjs')], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify({ query, limit: LIMIT }))
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  readAnswer(JSON.parse(Buffer.concat(chunks).toString()) as FindToolsAnswer)
}

function readAnswer(answer: FindToolsAnswer): { message: string; tools: FoundTool[] } {
  if (answer.status === 'error') throw new Error(answer.message)
  return { message: answer.message, tools: answer.details.successful_attachments }
}

function demoEnvironment(folder: string, port: number): Variables {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? folder,
    PILOTLIGHT_CONFIG: join(ROOT, 'examples/mcp.json'),
    PILOTLIGHT_EXAMPLE_FOLDER: folder,
    PILOTLIGHT_TOKEN: TOKEN,
    WORKER_SERVICE_PORT: String(port),
    // The demo ends what it started.
    WORKER_AUTO_START: 'false',
    XDG_RUNTIME_DIR: join(folder, '.runtime'),
    XDG_STATE_HOME: join(folder, '.state'),
    XDG_CACHE_HOME: join(folder, '.cache'),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilListed(url: string, child: ChildProcess): Promise<Readiness['dependencies']['catalog']> {
  const giveUpAt = Date.now() + START_DEADLINE_MS
  while (Date.now() < giveUpAt && child.exitCode === null) {
    const readiness = await fetch(`${url}/ready`).then(readJson<Readiness>, () => undefined)
    const catalog = readiness?.dependencies.catalog
    if (catalog !== undefined && catalog.servers.length + Object.keys(catalog.skipped).length === SERVERS)
      return catalog
    await sleep(50)
  }
  throw new Error('The worker did not list its servers.')
}

async function readJson<T>(response: Response): Promise<T> {
  return (await response.json()) as T
}

async function toolsOfEachServer(url: string): Promise<Map<string, number>> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const counts = metrics.matchAll(/^pilotlight_catalog_tools\{server="([^"]+)"\} (\d+)/gm)
  return new Map([...counts].map(([, server = '', tools]) => [server, Number(tools)]))
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
