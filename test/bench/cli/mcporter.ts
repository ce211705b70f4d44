import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installedPackage } from '../peers/installed-package.ts'

const PACKAGE = { name: 'mcporter', version: '0.12.3' }

/** Another command that calls tools, with a daemon of its own that keeps the server warm. Disposing stops it. */
export interface Mcporter extends Disposable {
  /** What Node is to run for one call, and in which environment. */
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

/** Fetches it where it is not there yet and starts its daemon in a home of its own, over a server whose tool `say` is called. Rejects with why it does not work. */
export async function openMcporter(
  folder: string,
  server: { command: string; args: readonly string[] },
  signal: AbortSignal,
): Promise<Mcporter> {
  const program = join(await installedPackage(PACKAGE, signal), 'dist/cli.js')
  await mkdir(folder, { recursive: true })
  const configPath = join(folder, 'mcporter.json')
  const typed = { ...server, lifecycle: 'keep-alive' }
  await writeFile(configPath, JSON.stringify({ mcpServers: { typed }, imports: [] }))
  const variables = { PATH: process.env.PATH ?? '', HOME: folder }
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [program, '--config', configPath, ...args], {
      env: variables,
    })
    if (status !== 0) throw new Error(`mcporter ${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  }
  run('daemon', 'start')
  return {
    args: [program, '--config', configPath, 'call', 'typed.say', 'message=hi'],
    variables,
    [Symbol.dispose]: () => run('daemon', 'stop'),
  }
}
