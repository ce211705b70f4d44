import { execFile } from 'node:child_process'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { type ProgramNews, ResolvedPrograms } from '../../worker-service/server-pool/connectors/resolved-programs.ts'
import { createStdioConnector } from '../../worker-service/server-pool/connectors/stdio.ts'
import { collectFrames } from '../support/collect-frames.ts'
import { fixtureServer } from '../support/fixture-server.ts'

const NEVER = new AbortController().signal
const SPEC = '@modelcontextprotocol/server-memory@2026.8.31'
const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
const INITIALIZE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
const LIST = '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'

const isReachable = await promisify(execFile)('npm', ['view', SPEC, 'version', '--fetch-retries=0'], {
  timeout: 10_000,
}).then(
  () => true,
  () => false,
)
if (!isReachable) process.stderr.write('Skipped: no registry is reachable to start a server with npx.\n')

it.runIf(isReachable)(
  'starts a published server through npx once, and by its own file from then on',
  { timeout: 300_000 },
  async () => {
    await using home = await mkdtempDisposable(join(tmpdir(), 'npx-'))
    const news: ProgramNews[] = []
    const options = { folder: join(home.path, 'programs'), now: Date.now, report: (one: ProgramNews) => news.push(one) }
    const env = { npm_config_cache: join(home.path, 'npm'), MEMORY_FILE_PATH: join(home.path, 'memory') }
    const definition = { ...fixtureServer('memory'), command: 'npx', args: ['-y', SPEC], env, cwd: home.path }
    const takenMs: number[] = []
    for (const _ of [1, 2]) {
      const startedAt = performance.now()
      const open = createStdioConnector({ variables: process.env, programs: new ResolvedPrograms(options) })
      await using connection = await open(definition, NEVER)
      const { nextMessage } = collectFrames(connection)
      await connection.send(INITIALIZE)
      expect(await nextMessage()).toMatchObject({ id: 1, result: { serverInfo: {} } })
      takenMs.push(Math.round(performance.now() - startedAt))
      const calledAt = performance.now()
      await connection.send(LIST)
      expect(await nextMessage()).toMatchObject({ id: 2, result: { tools: expect.any(Array) } })
      takenMs.push(Math.round(performance.now() - calledAt))
      await expect.poll(() => news).toMatchObject([{ kind: 'resolved', server: 'memory' }])
    }
    process.stdout.write(`started through npx, call; started by its file, call: ${takenMs.join(', ')} ms\n`)
  },
)
