import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from './free-port.ts'
import type { TemporaryHome } from './temporary-home.ts'
import { startWorker, untilReady } from './worker-process.ts'

const PACKAGES = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol')

async function configureExampleServers(home: string): Promise<void> {
  const mcpServers = {
    everything: server('everything', 'stdio'),
    filesystem: server('filesystem', home),
    memory: server('memory'),
    thinking: server('sequential-thinking'),
  }
  const path = join(home, 'config/pilotlight/mcp.json')
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  await writeFile(path, JSON.stringify({ mcpServers }), { mode: 0o600 })
}

function server(name: string, ...args: string[]) {
  return { command: process.execPath, args: [join(PACKAGES, `server-${name}/dist/index.js`), ...args] }
}

/** Configures four real servers of the npm registry and lets a worker list their 37 tools once, so that everything in `home` can find their tools on disk. */
export async function warmCatalogue({ path, variables }: TemporaryHome): Promise<void> {
  await configureExampleServers(path)
  const port = await findFreePort()
  await using stack = new AsyncDisposableStack()
  stack.use(await startWorker(port, { variables, stderrPath: join(path, 'warm-up.log') }))
  await untilReady(port)
}
