import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createProcessStarter, type ProcessStart, type RunningProcess, startWith } from './start-process.ts'

const SHELL = '/bin/sh'
const STARTERS = [
  ['as Node does', startWith(spawn)],
  ['without a fork', createProcessStarter()],
] as const

describe.each(STARTERS)('starting a process %s', (_name, start) => {
  const shell = (script: string, more: Partial<ProcessStart> = {}) =>
    start({ file: SHELL, command: 'sh', args: ['-c', script], cwd: undefined, environment: {}, ...more })

  it('gives it its arguments, its environment and nothing else of one, and its folder', async () => {
    const script = 'printf "%s|" "$0" "$1" "$A" "$HOME"; pwd'
    const child = await shell('', {
      args: ['-c', script, 'ö', 'two words'],
      environment: { A: 'a=b\nc' },
      cwd: tmpdir(),
    })
    expect(await outputOf(child)).toBe(`ö|two words|a=b\nc||${realpathSync(tmpdir())}\n`)
  })

  it('tells it the name that it was called by', async () => {
    const child = await shell('tr "\\0" " " </proc/$$/cmdline')
    expect(await outputOf(child)).toMatch(/^sh -c /)
  })

  it('connects its standard streams, and tells their ends', async () => {
    const child = await shell('cat; echo error >&2')
    child.stdin.write('input')
    child.stdin.end()
    expect(await Promise.all([outputOf(child), textOf(child.stderr)])).toEqual(['input', 'error\n'])
  })

  it('makes it the leader of a session and a group of its own', async () => {
    const child = await shell('read -r line')
    const [, , group, session] = statOf(child)
    expect([group, session]).toEqual([String(child.pid), String(child.pid)])
    child.stdin.end()
    await once(child as never, 'close')
  })

  it('gives it no other socket, and no signal that is ignored or blocked', async () => {
    const child = await shell('echo; read -r line')
    await once(child.stdout, 'data')
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const descriptors = readdirSync(`/proc/${child.pid}/fd`)
    const sockets = descriptors.filter((one) => readlinkSync(`/proc/${child.pid}/fd/${one}`).startsWith('socket:'))
    expect(sockets).toEqual(['0', '1', '2'])
    expect([signalsIn('SigBlk', status), signalsIn('SigIgn', status)]).toEqual([0, 0])
    child.stdin.end()
    await once(child as never, 'close')
  })

  it.each([
    ['exit 7', 7, null],
    ['exit 0', 0, null],
    ['kill -TERM $$', null, 'SIGTERM'],
    ['kill -KILL $$', null, 'SIGKILL'],
  ])('tells how it ended: %s', async (script, code, signal) => {
    const child = await shell(script)
    expect(await endOf(child)).toEqual([code, signal])
    expect([child.exitCode, child.signalCode]).toEqual([code, signal])
  })

  it('tells its exit though its pipes are kept open, and their end when they are not', async () => {
    const child = await shell('exec 3<&0; (read -r line <&3) & exit 3')
    const closed = once(child as never, 'close')
    expect(await endOf(child)).toEqual([3, null])
    expect(child.stdout.closed).toBe(false)
    child.stdin.end()
    child.stdout.resume()
    child.stderr.resume()
    await closed
    expect(child.stdout.closed).toBe(true)
  })

  it('starts many at once, loses the end of none and leaves no zombie and no descriptor', async () => {
    const before = readdirSync('/proc/self/fd').length
    const codes = Array.from({ length: 40 }, (_, code) => code)
    const ended = codes.map(async (code) => {
      const child = await shell(`exit ${code}`)
      const [seen] = await endOf(child)
      return { seen, isThere: isThere(child) }
    })
    expect(await Promise.all(ended)).toEqual(codes.map((seen) => ({ seen, isThere: false })))
    while (readdirSync('/proc/self/fd').length > before) await sleep(5)
  })

  it.each<[string, Partial<ProcessStart>, string]>([
    ['there is none', { file: '/no/such/program' }, 'ENOENT'],
    ['it is a folder', { file: '/tmp' }, 'EACCES'],
    ['there is no such folder to run in', { cwd: '/no/such/folder' }, 'ENOENT'],
    ['an argument holds a zero byte', { args: ['-c', 'exit\0'] }, 'ERR_INVALID_ARG_VALUE'],
    ['an argument is too long', { args: ['-c', 'x'.repeat(4_000_000)] }, 'E2BIG'],
  ])('says why it cannot: %s', async (_why, wrong, code) => {
    await expect(shell('exit 0', wrong)).rejects.toMatchObject({ code })
  })

  it('runs a script that names no interpreter, as a shell would', async () => {
    const child = await shell('', {
      args: ['-c', 'printf "echo hello" >"$0"; chmod +x "$0"; "$0"; rm "$0"', scriptPath()],
    })
    expect(await outputOf(child)).toBe('hello\n')
  })
})

function scriptPath(): string {
  return `${tmpdir()}/no-interpreter-${process.pid}-${Math.random()}`
}

function statOf({ pid }: RunningProcess): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

// The first 31; of those above two are the C library's own.
function signalsIn(set: string, status: string): number {
  return (
    Number.parseInt(new RegExp(`^${set}:\\s+[0-9a-f]{8}([0-9a-f]{8})$`, 'm').exec(status)?.[1] ?? 'f', 16) & 0x7fffffff
  )
}

function isThere({ pid }: RunningProcess): boolean {
  try {
    return process.kill(pid ?? 0, 0)
  } catch {
    return false
  }
}

async function endOf(child: RunningProcess): Promise<unknown[]> {
  child.stdout.resume()
  child.stderr.resume()
  return once(child as never, 'exit')
}

function outputOf(child: RunningProcess): Promise<string> {
  return textOf(child.stdout)
}

async function textOf(stream: RunningProcess['stdout']): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk)
  return text
}
