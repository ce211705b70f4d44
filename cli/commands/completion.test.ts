import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackgroundHome } from '../../test/support/background-home.ts'
import { findFish } from '../../test/support/installed.ts'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { runPilot } from '../../test/support/run-pilot.ts'
import { PILOT } from '../../test/support/worker-process.ts'

const TYPED = join(import.meta.dirname, '../../test/fixtures/servers/typed.cjs')

const fish = await findFish()

let worker: OwnWorker
beforeAll(async () => {
  worker = await OwnWorker.start({ mcpServers: { typed: { command: process.execPath, args: [TYPED] } } })
})
afterAll(() => worker[Symbol.asyncDispose]())

/** The lines of a word and, behind a tab, what it is about. */
async function completionLines(...words: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runPilot(['complete', '--', ...words], { variables: worker.variables })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout.split('\n').filter((line) => line !== '')
}

const completions = async (...words: string[]) =>
  (await completionLines(...words)).map((line) => line.replace(/\t.*/, ''))

describe('what pilot offers while it is typed', () => {
  it.each([
    [['fi'], ['find']],
    [['service', 'sta'], expect.arrayContaining(['status'])],
    [['find', '--m'], ['--min-score']],
    [['status', '--'], expect.arrayContaining(['--config', '--except', '--help', '--json', '--only', '--watch'])],
    [['status', '--only', ''], ['typed']],
    [['status', '--only', 'other,t'], ['other,typed']],
    [['status', '--only', 'typed,t'], []],
    [['auth', 'login', ''], ['typed']],
    [['call', 't'], ['typed']],
    [
      ['call', 'typed', 's'],
      ['say', 'show'],
    ],
    [['call', 'typed/sa'], ['typed/say']],
    [['call', 'typed', 'say', '--ma'], ['--maxResults']],
    [['call', 'typed/say', '--message', 'a', '--me'], []],
    [
      ['call', 'typed', 'say', '--mode', ''],
      ['fast', 'slow'],
    ],
    [
      ['call', 'typed/fail', '--then', 'typed', 's'],
      ['say', 'show'],
    ],
    [['call', 'typed/fail', '--then', 'typed/say', '--mes'], ['--message']],
    [
      ['tools', ''],
      ['accept', 'typed'],
    ],
    [['tools', 'accept', ''], ['typed']],
    [['connect', ''], ['typed']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['nonsense', ''], []],
  ])('for %j', async (words, offered) => {
    expect(await completions(...words)).toEqual(offered)
  })

  it.each([
    [['fi'], 'find\tfind the tools of all servers that can do something'],
    [['conf'], 'config\tcheck'],
    [['status', '--o'], '--only\tthese servers'],
    [['call', 'typed', 'sa'], 'say\tGives back its arguments as JSON'],
    [['call', 'typed', 'esc'], 'escape\tSays \\u{1b}[31mred\\u{1b}[0m and \\u{202e}turned'],
    [['call', 'typed/say', '--mes'], '--message\tWhat to say'],
    [['connect', ''], 'typed'],
  ])('for %j is told with what it is about', async (words, line) => {
    expect(await completionLines(...words)).toEqual([line])
  })

  it('is what lies on disk where no worker runs, and nothing is started for it', async () => {
    await using home = await BackgroundHome.create()
    const configPath = join(home.path, 'mcp.json')
    const typed = { command: process.execPath, args: [TYPED] }
    await writeFile(configPath, JSON.stringify({ mcpServers: { typed } }), { mode: 0o600 })
    const variables = { ...home.variables, PILOTLIGHT_CONFIG: configPath }
    await runPilot(['tools', 'typed'], { variables })
    await runPilot(['service', 'stop'], { variables })
    const offered = async (...words: string[]) =>
      (await runPilot(['complete', '--', ...words], { variables })).stdout.trim().replaceAll(/\t.*/g, '').split('\n')
    expect(await offered('call', '')).toEqual(['typed'])
    expect(await offered('call', 'typed', 'sh')).toEqual(['show'])
    expect(await offered('call', 'typed/say', '--mes')).toEqual(['--message'])
    expect(home.workers()).toEqual([])
  })

  it('is nothing, and no complaint, where there is nothing', async () => {
    const variables = { XDG_RUNTIME_DIR: '/nowhere' }
    expect(await runPilot(['complete', '--', 'call', ''], { variables })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
  })
})

describe('pilot completion', () => {
  it.each(['extglob', 'nullglob', 'failglob'])('gives bash what it needs to complete a command, with %s', (option) => {
    const script = `shopt -s ${option}
pilot() { "${process.execPath}" "${PILOT}" "$@"; }
source <(pilot completion bash)
COMP_WORDS=(pilot call typed s) COMP_CWORD=3
_pilot_complete
echo "\${COMPREPLY[*]}"`
    const env = { ...worker.variables, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
    expect(execFileSync('bash', ['-c', script], { env, encoding: 'utf8' })).toBe('say show\n')
  })

  it.skipIf(fish.kind === 'skipped')('gives fish what it needs to complete a command', () => {
    const script = `function pilot; "${process.execPath}" "${PILOT}" $argv; end
pilot completion fish | source
complete -C "pilot call typed s"
cd "${import.meta.dirname}"
complete -C "pilot complet"
complete -C "pilot connect typed completion.te"`
    const env = { ...worker.variables, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
    expect(execFileSync('fish', ['--no-config', '-c', script], { env, encoding: 'utf8' })).toMatch(
      /^say\tGives back its arguments as JSON\nshow\t.+\ncompletion\t.+\ncompletion\.test\.ts\b/,
    )
  })

  it.each(['zsh', 'fish'])('has a script for %s', async (shell) => {
    const { exitCode, stdout } = await runPilot(['completion', shell])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('pilot complete --') })
  })

  it('ends with 2 for another shell', async () => {
    const stderr = 'pilot completion: "csh" is none of bash, zsh, fish.\n'
    expect(await runPilot(['completion', 'csh'])).toEqual({ exitCode: 2, stdout: '', stderr })
  })
})
