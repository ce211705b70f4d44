import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { runPilot } from '../../test/support/run-pilot.ts'

const SERVERS = join(import.meta.dirname, '../../test/fixtures/servers')
const command = process.execPath

let worker: OwnWorker
const run = (...args: string[]) => runPilot(args, { variables: worker.variables })
const call = (...args: string[]) => run('call', 'typed', ...args)
const said = async (...args: string[]) => JSON.parse((await call('say', ...args)).stdout) as unknown

beforeAll(async () => {
  worker = await OwnWorker.start({
    mcpServers: { typed: { command, args: [join(SERVERS, 'typed.cjs')] }, 'the-end': { command: '/nowhere/at-all' } },
  })
})
afterAll(() => worker[Symbol.asyncDispose]())

describe('the arguments of pilot call', () => {
  it.each([
    [['--message', 'hi'], { message: 'hi' }],
    [['--message=--hi'], { message: '--hi' }],
    [['--message', '3'], { message: '3' }],
    [['--message', '', '--count', '3', '--ratio', '-1.5e2'], { message: '', count: 3, ratio: -150 }],
    [['--message', 'hi', '--loud'], { message: 'hi', loud: true }],
    [['--message', 'hi', '--loud', 'false'], { message: 'hi', loud: false }],
    [['--message', 'hi', '--no-loud'], { message: 'hi', loud: false }],
    [['--message', 'hi', '--tags', 'a,b'], { message: 'hi', tags: ['a', 'b'] }],
    [['--message', 'hi', '--tags', 'a', '--tags', 'b,c'], { message: 'hi', tags: ['a', 'b,c'] }],
    [['--message', 'hi', '--sizes', '[1,2]'], { message: 'hi', sizes: [1, 2] }],
    [['--message', 'hi', '--sizes', '1, 2'], { message: 'hi', sizes: [1, 2] }],
    [['--message', 'hi', '--mode', 'slow'], { message: 'hi', mode: 'slow' }],
    [['--message', 'hi', '--max-results', '5'], { message: 'hi', maxResults: 5 }],
    [['--message', 'hi', '--max_results', 'null'], { message: 'hi', maxResults: null }],
    [['--message', 'hi', '--place', '{"x":1}'], { message: 'hi', place: { x: 1 } }],
    [['--message', 'hi', '--anything', '[1]'], { message: 'hi', anything: [1] }],
    [['--message', 'hi', '--anything', 'text'], { message: 'hi', anything: 'text' }],
    [['--args', '{"message":"a","place":{"x":[]}}', '--message', 'b'], { message: 'b', place: { x: [] } }],
  ])('%j have the types of the schema', async (typed, expected) => {
    expect(await said(...typed)).toEqual(expected)
  })

  it.each([
    [[], '--message is missing.'],
    [['--message'], '--message needs a value: a text.'],
    [['--message', 'a', '--count', 'x'], '--count must be a whole number, not "x".'],
    [['--message', 'a', '--count', '1.5'], '--count must be a whole number, not "1.5".'],
    [['--message', 'a', '--loud', 'maybe'], '--loud must be true or false, not "maybe".'],
    [['--message', 'a', '--sizes', '1,b'], '--sizes must be a list (a,b or [JSON]), not "1,b".'],
    [['--message', 'a', '--mode', 'medium'], '--mode must be one of fast, slow, not "medium".'],
    [['--message', 'a', '--place', '3'], '--place must be a JSON object, not "3".'],
    [['--mesage', 'a'], 'There is no argument --mesage. Did you mean --message? --message is missing.'],
    [['--message', 'a', '--__proto__', 'x'], 'There is no argument --__proto__.'],
  ])('%j end with 2, what is wrong, and how the tool is called', async (typed, problem) => {
    const { exitCode, stdout, stderr } = await call('say', ...typed)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`pilot call: typed/say: ${problem}\n\nUsage\n  pilot call typed say --message <string> [`)
    expect(stderr).toMatch(/\n {2}--message <string> +\(required\) What to say\n/)
    expect(stderr).toMatch(/\n {2}--count <integer> +\(default 1\)\n/)
    expect(stderr).toContain('  --mode fast|slow\n')
  })

  it.each([
    [['call', 'typed'], '<tool> is missing. "pilot tools typed" lists what there is.'],
    [['call', 'typed', 'say', 'hello'], '"hello" is one word too many: arguments have names, as in --path hello.'],
    [['call', 'typed', 'say', '--args', '{'], '--args is not a JSON object.'],
    [['call', 'typed', 'say', '--args', '[]'], '--args is not a JSON object.'],
    [['call', 'typed', 'say', '--args'], '--args needs a value.'],
    [['call', 'typed', 'say', '-m', 'x'], '"-m" belongs to no argument.'],
    [['call', 'typed', 'say', '--message', 'a', '--then'], '<server> and <tool> are missing.'],
    [['call', '../x', 'say'], '"../x" is no server\'s name.'],
    [['call', 'a b', 'say'], '"a b" is no server\'s name.'],
    [['call', 'typd', 'say'], 'There is no server "typd". There are: the-end, typed.'],
    [['call', 'typed', 'sai'], 'server "typed": there is no tool "sai". Did you mean say?'],
  ])('%j is refused with 2', async (typed, problem) => {
    const { exitCode, stdout, stderr } = await run(...typed)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(problem)
  })
})

describe('the result of pilot call', () => {
  it('is text as text and everything else as JSON', async () => {
    const image = JSON.stringify({ type: 'image', data: 'AAAA', mimeType: 'image/png' }, undefined, 2)
    expect(await call('show')).toEqual({ exitCode: 0, stdout: `An image:\n${image}\n`, stderr: '' })
  })

  it('is the whole result as the server sent it with --json', async () => {
    const { stdout } = await call('show', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ content: [{ type: 'text' }, { type: 'image' }] })
  })

  it('goes to stderr with 1 where it is an error', async () => {
    expect(await call('fail')).toEqual({ exitCode: 1, stdout: '', stderr: 'It did not work.\n' })
  })

  it('is left as it is where it goes to no terminal', async () => {
    expect((await call('escape')).stdout).toBe('\u001b[31mred\u001b[0m\n')
  })

  it('comes from several calls, of which none is made behind one that failed', async () => {
    const both = await run('call', 'typed/say', '--message', 'a', '--then', 'typed', 'say', '--message', 'b')
    expect(both).toEqual({ exitCode: 0, stdout: '{"message":"a"}\n{"message":"b"}\n', stderr: '' })
    const failed = await call('fail', '--then', 'typed', 'say', '--message', 'b')
    expect(failed).toEqual({ exitCode: 1, stdout: '', stderr: 'It did not work.\n' })
  })

  it('is an exit code of 69 and the reason where a server cannot be started', async () => {
    const { exitCode, stdout, stderr } = await run('call', 'the-end', 'say', '--message', 'a')
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' })
    expect(stderr).toMatch(/^pilot call: .*"the-end".*\n$/)
  })
})

describe('a batch of calls', () => {
  const lines = (...calls: unknown[]) =>
    calls.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')
  const batch = (stdin: string, ...args: string[]) =>
    runPilot(['call', ...args], { variables: worker.variables, stdin })

  it('is answered line by line, in order, whatever becomes of one', async () => {
    const stdin = lines(
      { server: 'typed', tool: 'say', arguments: { message: 1 } },
      '',
      'nonsense',
      { server: 'typed', tool: 'fail' },
      '{"server":"typed","tool":"say","arguments":{"n":12345678901234567890}}',
      { tool: 'say' },
    )
    const { exitCode, stdout, stderr } = await batch(stdin, '-')
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' })
    expect(answers).toMatchObject([
      { content: [{ text: '{"message":1}' }] },
      { status: 'error', code: 'invalid_request', message: expect.stringContaining('Line 3') },
      { isError: true },
      { content: [{ text: '{"n":12345678901234567000}' }] },
      { status: 'error', message: expect.stringContaining('Line 6 of stdin names no server and tool') },
    ])
  })

  it('keeps the servers of its own process until it is done', async () => {
    const one = { server: 'typed', tool: 'say', arguments: { message: 'hi' } }
    const { exitCode, stdout } = await batch(lines(one, one), '--direct')
    expect([exitCode, stdout.match(/hi/g)]).toEqual([0, ['hi', 'hi']])
  })

  it('may be empty', async () => {
    expect(await batch('')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('ends with 1 where a tool failed', async () => {
    expect(await batch(lines({ server: 'typed', tool: 'fail' }))).toMatchObject({ exitCode: 1 })
  })
})

describe('pilot call --help', () => {
  it('behind a tool says what it does and takes', async () => {
    const { exitCode, stdout } = await call('say', '--help')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^typed\/say\n\nGives back its arguments as JSON\n\nUsage\n  pilot call typed say --message/)
  })

  it('escapes what strangers have written', async () => {
    expect((await call('escape', '--help')).stdout).toContain('Says \\u{1b}[31mred\\u{1b}[0m and \\u{202e}turned')
  })

  it('is refused for a tool there is not', async () => {
    expect(await call('sayy', '--help')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Did you mean say?'),
    })
  })
})

it('a call that is interrupted ends with 130 and is cancelled at the server', async () => {
  const sign = join(worker.home.path, 'cancelled')
  await using own = await OwnWorker.start({
    mcpServers: { typed: { command, args: [join(SERVERS, 'typed.cjs'), sign] } },
  })
  const interrupt = new AbortController()
  const ended = runPilot(['call', 'typed', 'wait'], { variables: own.variables, signal: interrupt.signal })
  await vi.waitFor(async () => expect((await own.status()).servers[0]?.in_flight).toBe(1))
  interrupt.abort()
  expect(await ended).toEqual({ exitCode: 130, stdout: '', stderr: '' })
  await vi.waitFor(async () => expect(await readFile(sign, 'utf8')).toBe('cancelled'))
})
