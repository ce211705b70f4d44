import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FrontClient } from '../support/front-client.ts'
import { ProcessCensus } from '../support/process-census.ts'
import { childrenOf, commandOf, processesMentioning } from '../support/processes.ts'
import { createTemporaryHome, type TemporaryHome } from '../support/temporary-home.ts'
import { PILOT } from '../support/worker-process.ts'

const SERVERS = join(import.meta.dirname, '../fixtures/servers')

let home: TemporaryHome
let census: ProcessCensus
beforeEach(async () => {
  home = await createTemporaryHome(process.env.PATH ?? '')
  census = new ProcessCensus(home.path)
})
afterEach(async () => {
  census.kill()
  await home[Symbol.asyncDispose]()
})

function entry(program: string, ...args: string[]) {
  return { command: process.execPath, args: [join(SERVERS, `${program}.cjs`), ...args], env: { MARK: home.path } }
}

/** A front whose one-shot has started its servers and waits for them. */
async function frontWithOneShot(): Promise<{ front: FrontClient; oneShot: number }> {
  const mcpServers = { silent: entry('never-answers'), tree: entry('leaves-family', 'tree') }
  const folder = join(home.path, 'config/pilotlight')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'mcp.json'), JSON.stringify({ mcpServers }), { mode: 0o600 })
  const front = new FrontClient(PILOT, { ...home.variables, FIND_TOOLS_MODE: 'one-shot' }, [], ['mcp'])
  await front.initialize()
  void front.findTools({ query: 'read a file' })
  await vi.waitFor(() => {
    const commands = processesMentioning(`MARK=${home.path}`).map(commandOf)
    for (const one of ['never-answers.cjs', 'while :']) expect(commands).toContainEqual(expect.stringContaining(one))
  })
  const [oneShot = 0] = childrenOf(front.child.pid ?? 0)
  census.look()
  return { front, oneShot }
}

describe.skipIf(process.platform !== 'linux')('a one-shot at work', () => {
  it('ends with its servers when its front is killed', async () => {
    const { front } = await frontWithOneShot()
    front.child.kill('SIGKILL')
    await expect.poll(() => census.living()).toBe(0)
  })

  it('leaves no server when it is killed itself', async () => {
    await using stack = new AsyncDisposableStack()
    const { front, oneShot } = await frontWithOneShot()
    stack.use(front)
    process.kill(oneShot, 'SIGKILL')
    await front.leave()
    await expect.poll(() => census.living()).toBe(0)
  })
})
