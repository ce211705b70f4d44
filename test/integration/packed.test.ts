import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { BackgroundHome } from '../support/background-home.ts'

const ROOT = join(import.meta.dirname, '../..')
const TYPED = join(ROOT, 'test/fixtures/servers/typed.cjs')

it('the package as it is packed, installed into an empty folder, starts its worker and calls a tool', async () => {
  await using home = await BackgroundHome.create()
  const folder = join(home.path, 'app')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  const configPath = join(home.path, 'mcp.json')
  const mcpServers = { typed: { command: process.execPath, args: [TYPED] } }
  await writeFile(configPath, JSON.stringify({ mcpServers }), { mode: 0o600 })
  const [archive = ''] = npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', home.path], ROOT).split(
    '\n',
  )
  npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', join(home.path, archive)], folder)

  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
  const env = { ...home.variables, PATH, PILOTLIGHT_CONFIG: configPath }
  const pilot = (...args: string[]) =>
    execFileSync(join(folder, 'node_modules/.bin/pilot'), args, { env, encoding: 'utf8' })
  expect(pilot('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(pilot('call', 'typed', 'say', '--message', 'hi')).toBe('{"message":"hi"}\n')
  expect(home.workers()).toHaveLength(1)
})

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
