import { execFile, execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { BackgroundHome } from '../support/background-home.ts'
import { fixtureEntry } from '../support/fixture-server.ts'
import { PILOT } from '../support/worker-process.ts'

const SCRIPT = join(import.meta.dirname, '../fixtures/reused-pid.sh')
const NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc']

function canForceNumbers(): boolean {
  try {
    const write = 'echo 100 >/proc/sys/kernel/ns_last_pid'
    execFileSync('unshare', [...NAMESPACE, 'sh', '-c', write], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it.skipIf(!canForceNumbers())('signals nobody who has the number that a worker or its server had', async () => {
  await using home = await BackgroundHome.create()
  const { configPath, folders } = home.environment
  await mkdir(dirname(configPath), { recursive: true })
  const one = { ...fixtureEntry('well-behaved'), autoStart: true }
  await writeFile(configPath, JSON.stringify({ mcpServers: { one } }), { mode: 0o600 })
  const args = [...NAMESPACE, 'bash', SCRIPT, process.execPath, PILOT, folders.runtime]
  const said = await new Promise<string>((resolve) => {
    execFile('unshare', args, { env: { ...home.variables } }, (_, stdout, stderr) => resolve(stdout + stderr))
  })
  expect(said.split('\n')).toEqual([
    expect.stringMatching(/^Started the worker \(process \d+, /),
    'No worker runs.',
    expect.stringMatching(/^The worker \(process \d+\) had ended without a word; started another \(process \d+, /),
    expect.stringMatching(/^Ended the worker \(process \d+\)\.$/),
    expect.stringMatching(/^Started the worker \(process \d+, /),
    expect.stringMatching(/^Ended the worker \(process \d+\)\.$/),
    'both others are alive',
    '',
  ])
})
