import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { BackgroundHome } from '../../test/support/background-home.ts'
import { runPilot } from '../../test/support/run-pilot.ts'

describe('pilot service start, restart and stop', () => {
  it('say what they did, and what there was to do no more', async () => {
    await using home = await BackgroundHome.create()
    const pilot = async (command: string) => {
      const { exitCode, stdout, stderr } = await runPilot(['service', command], { variables: home.variables })
      return [exitCode, stderr, stdout.replaceAll(/process \d+/g, 'process N').replace(/since [^,]+/, 'since T')]
    }
    const url = `http://127.0.0.1:${home.port}`
    expect(await pilot('stop')).toEqual([0, '', 'No worker runs.\n'])
    expect(await pilot('start')).toEqual([0, '', `Started the worker (process N, ${url}).\n`])
    expect(await pilot('start')).toEqual([0, '', `The worker runs already: process N, since T, on ${url}.\n`])
    expect(await pilot('restart')).toEqual([
      0,
      '',
      `Ended the worker (process N).\nStarted the worker (process N, ${url}).\n`,
    ])
    expect(await pilot('stop')).toEqual([0, '', 'Ended the worker (process N).\n'])
    expect(await pilot('stop')).toEqual([0, '', 'No worker runs.\n'])
    expect(await pilot('restart')).toEqual([0, '', `No worker runs.\nStarted the worker (process N, ${url}).\n`])
  })

  it('say why the worker does not start, with its exit code', async () => {
    await using home = await BackgroundHome.create()
    const taken = createServer()
    await once(taken.listen(home.port, '127.0.0.1'), 'listening')
    const { exitCode, stdout, stderr } = await runPilot(['service', 'start'], { variables: home.variables })
    taken.close()
    expect([exitCode, stdout]).toEqual([69, ''])
    expect(stderr).toMatch(
      /^pilot service start: The worker did not start\. Cannot listen on 127\.0\.0\.1:\d+: the port is taken\./,
    )
  })

  it.each(['start', 'restart', 'stop'])('%s leaves alone what somebody else runs', async (command) => {
    await using home = await BackgroundHome.create()
    const variables = { ...home.variables, WORKER_SERVICE_URL: 'http://elsewhere:1' }
    const { exitCode, stderr } = await runPilot(['service', command], { variables })
    expect(exitCode).toBe(69)
    expect(stderr).toContain("The worker at http://elsewhere:1 is somebody else's to")
  })
})
