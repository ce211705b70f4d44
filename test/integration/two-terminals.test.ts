import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { readWorkerRecord } from '../../shared/worker-record.ts'
import { BackgroundHome } from '../support/background-home.ts'
import { PILOT } from '../support/worker-process.ts'

const PILOT_COMMAND = `"${process.execPath}" "${PILOT}"`

/** A shell line in a terminal of its own, as an emulator would run it. */
function inTerminal({ variables }: BackgroundHome, line: string): ChildProcess {
  return spawn('script', ['--quiet', '--command', line, '/dev/null'], { env: { ...variables }, stdio: 'pipe' })
}

async function outputOf(terminal: ChildProcess): Promise<string> {
  let text = ''
  terminal.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(terminal, 'close')
  return text
}

describe('a worker started in a terminal', () => {
  it('outlives the terminal, and is found from another one', async () => {
    await using home = await BackgroundHome.create()
    const first = inTerminal(home, `${PILOT_COMMAND} service start; exec sleep 1000`)
    await vi.waitFor(() => expect(readWorkerRecord(home.environment.folders.runtime)).toBeDefined())
    const [worker] = home.workers()
    // Its window is closed: the kernel hangs up on everybody in its session.
    first.kill('SIGKILL')
    await once(first, 'close')
    await sleep(100)
    expect(home.workers()).toEqual([worker])
    const second = await outputOf(inTerminal(home, `${PILOT_COMMAND} service health && ${PILOT_COMMAND} service start`))
    expect(second).toMatch(new RegExp(`^The worker runs already: process ${worker}, since `))
    expect(await outputOf(inTerminal(home, `${PILOT_COMMAND} service stop`))).toBe(
      `Ended the worker (process ${worker}).\r\n`,
    )
  })

  it('is told of on a line of its own, whatever turns on the terminal meanwhile', async () => {
    await using home = await BackgroundHome.create()
    const said = await outputOf(inTerminal(home, `${PILOT_COMMAND} tools`))
    expect(said).toContain('\r\x1b[2Kpilot: started the worker (process ')
    expect(said).toContain('No server is configured.')
  })

  it('holds no pipe of whoever started it', async () => {
    await using home = await BackgroundHome.create()
    // Node does not close a file that stands behind a gap in the numbers when it starts another program.
    const line = `exec 200>&1; ${PILOT_COMMAND} service start 2>&1 | cat`
    const said = await new Promise<string>((resolve) => {
      execFile('bash', ['-c', line], { env: { ...home.variables } }, (_, stdout) => resolve(stdout))
    })
    expect(said).toMatch(/^Started the worker \(process \d+, /)
    expect(home.workers()).toHaveLength(1)
  })
})
