import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askOneShot, type Front, startFront, startWorker } from './programs.ts'
import { printTimes, printTools, say, step, style } from './screen.ts'

const DEFAULT_QUERY = 'read a file and list a folder'
const WARM_CALLS = 100
const ONE_SHOT_CALLS = 7

/** The product on one screen: find tools, call one, and see what the warm path saves. */
async function demo(query: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-demo-'))
  try {
    await writeFile(join(folder, 'hello.txt'), 'Hello from a file.\n')
    await show(query, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function show(query: string, folder: string): Promise<void> {
  say(`\n  ${style.bold('pilotlight')}  ${style.dim('keeps MCP tools warm')}`)

  step('Starting a worker over four MCP servers', 'examples/mcp.json')
  await using worker = await startWorker(folder)
  for (const { server, tools } of worker.listed) {
    say(`  ${style.green('✓')} ${server.padEnd(20)} ${style.dim(`${tools} ${tools === 1 ? 'tool' : 'tools'}`)}`)
  }
  for (const [server, reason] of Object.entries(worker.skipped))
    say(`  ${style.yellow('✗')} ${server.padEnd(20)} ${reason}`)

  await using front = await startFront(worker)
  step(`find_tools ${JSON.stringify(query)}`, 'over stdio, as an MCP client asks')
  const found = await front.findTools(query)
  say(`  ${found.message}\n`)
  printTools(found.tools)

  step('Calling list_allowed_directories', 'on the filesystem server, which is warm')
  for (const line of await worker.call('filesystem', 'list_allowed_directories')) say(`  ${line}`)

  step('The same find_tools call, warm and with a process of its own')
  printTimes(await compare(front, query))
  say(`\n  ${style.dim('Both give the same answer. While the worker is away, the front uses the second by itself.')}`)
}

async function compare(front: Front, query: string) {
  const warm = await medianMs(WARM_CALLS, () => front.findTools(query))
  const cold = await medianMs(ONE_SHOT_CALLS, () => askOneShot(front.environment, query))
  return [
    { label: 'warm worker', ms: warm, note: `median of ${WARM_CALLS}, front included` },
    {
      label: 'one-shot process',
      ms: cold,
      note: `median of ${ONE_SHOT_CALLS}: ${Math.round(cold / warm)} times as long`,
    },
  ]
}

async function medianMs(times: number, call: () => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now()
    await call()
    taken.push(performance.now() - startedAt)
  }
  return taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0
}

const query = process.argv.slice(2).join(' ').trim() || DEFAULT_QUERY
await demo(query)
