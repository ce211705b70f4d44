import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { readEnvironment } from '../../shared/environment.ts'
import { runPilot } from '../support/run-pilot.ts'
import { createTemporaryHome } from '../support/temporary-home.ts'

it('waits in the process of the command until a server that ends while it starts is given up', async () => {
  await using home = await createTemporaryHome(process.env.PATH ?? '')
  const { configPath } = readEnvironment(home.variables)
  const dead = { command: process.execPath, args: ['-e', 'console.error("no key"); process.exit(3)'] }
  await mkdir(dirname(configPath), { recursive: true })
  await writeFile(configPath, JSON.stringify({ mcpServers: { dead } }), { mode: 0o600 })
  const { exitCode, stderr } = await runPilot(['call', '--direct', 'dead', 'x'], { variables: home.variables })
  expect(exitCode).toBe(69)
  expect(stderr).toContain('Its last lines: no key')
})
