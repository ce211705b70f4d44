import { describe, expect, it } from 'vitest'
import { runPilot } from '../test/support/run-pilot.ts'
import type { OptionDeclaration } from './command.ts'
import { COMMANDS } from './command-table.ts'
import { COMMON_OPTIONS } from './parse-arguments.ts'

/** Every option of every command that does not read its own, in a use that is wrong, and what is said to that. */
const MISUSES = (
  await Promise.all(
    COMMANDS.map(async ({ words, load }) => {
      const { options = {}, usage } = await load()
      if (usage !== undefined) return []
      return Object.entries({ ...options, ...COMMON_OPTIONS })
        .filter(([name]) => name !== 'config')
        .map(([name, declaration]) => [words, ...misuse(name, declaration)] as const)
    }),
  )
).flat()

function misuse(name: string, { type }: OptionDeclaration): [typed: string, said: string] {
  if (type === 'flag') return [`--${name}=x`, `--${name} takes no value.`]
  return type === 'choice' ? [`--${name}=x`, `--${name} must be one of `] : [`--${name}`, `--${name} needs a value.`]
}

describe('pilot', () => {
  it('names every command in its help, and says how to get more', async () => {
    const { exitCode, stdout, stderr } = await runPilot(['--help'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    for (const { words } of COMMANDS) expect(stdout).toContain(`pilot ${words} `)
    expect(stdout).toContain('"pilot <command> --help"')
  })

  it.each([[['help']], [['-h']], [[]]])('gives the same help for %j', async (args) => {
    expect(await runPilot(args)).toEqual(await runPilot(['--help']))
  })

  it.each([[['--version']], [['-v']]])('prints its version alone for %j', async (args) => {
    expect(await runPilot(args)).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    })
  })

  it.each(COMMANDS.map(({ words }) => words))('%s has help with its usage and examples', async (words) => {
    const { exitCode, stdout, stderr } = await runPilot([...words.split(' '), '--help'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(
      new RegExp(
        `^pilot ${words}: [^]+?\\n\\nUsage\\n  pilot ${words}[^]*?\\n\\nOptions\\n[^]+\\nExamples\\n  .*pilot`,
      ),
    )
    // Examples stay whole, for whoever copies them.
    const prose = stdout.split('\nExamples\n')[0]?.split('\n') ?? []
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(await runPilot(['help', ...words.split(' ')])).toEqual({ exitCode, stdout, stderr })
  })

  it.each(MISUSES)('%s %s is refused with 2', async (words, typed, said) => {
    const { exitCode, stdout, stderr } = await runPilot([...words.split(' '), typed])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`pilot ${words}: ${said}`)
  })

  it('gives the commands of a group for its word alone', async () => {
    const { exitCode, stdout } = await runPilot(['service'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('pilot service run')
    expect(stdout).not.toContain('pilot mcp')
  })

  it.each([
    [['conect', 'x'], 'pilot: There is no command "conect x". Did you mean "pilot connect"? See "pilot --help".\n'],
    [
      ['service', 'rnu'],
      'pilot: There is no command "service rnu". Did you mean "pilot service run"? See "pilot service --help".\n',
    ],
    [['--bogus'], 'pilot: There is no option "--bogus". See "pilot --help".\n'],
    [['--config'], 'pilot: There is no option "--config". See "pilot --help".\n'],
    [['connect'], 'pilot connect: <server> is missing. See "pilot connect --help".\n'],
  ])('refuses %j with 2 and says what there is', async (args, stderr) => {
    expect(await runPilot(args)).toEqual({ exitCode: 2, stdout: '', stderr })
  })

  it.each([[['--config', '/nowhere/mcp.json', 'status']], [['status', '--config=/nowhere/mcp.json']]])(
    'takes the configuration file from %j',
    async (args) => {
      const variables = { PILOTLIGHT_CONFIG: '/other.json', XDG_RUNTIME_DIR: '/nowhere' }
      const { exitCode, stderr } = await runPilot(args, { variables })
      expect({ exitCode, stderr }).toEqual({ exitCode: 69, stderr: expect.stringContaining('/nowhere/mcp.json') })
    },
  )

  it('ends with 78 where the environment is wrong, but for its help', async () => {
    const variables = { WORKER_SERVICE_PORT: 'x' }
    const { exitCode, stderr } = await runPilot(['connect', 'x'], { variables })
    expect({ exitCode, stderr }).toEqual({ exitCode: 78, stderr: expect.stringContaining('WORKER_SERVICE_PORT') })
    expect(await runPilot(['connect', '--help'], { variables })).toMatchObject({ exitCode: 0 })
  })
})
