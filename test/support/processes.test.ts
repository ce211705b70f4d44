import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { childrenOf, commandOf, processesMentioning } from './processes.ts'

async function startSleeper(mark: string) {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)', mark], {
    env: { MARK: `${mark}-in-environment` },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  return {
    pid: child.pid as number,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe.skipIf(process.platform !== 'linux')('the processes of this machine', () => {
  it('are known by their parent and their command', async () => {
    await using sleeper = await startSleeper('mark-of-a-child')
    expect(childrenOf(process.pid)).toContain(sleeper.pid)
    expect(commandOf(sleeper.pid)).toContain('mark-of-a-child')
  })

  it.each(['mark-of-a-search', 'mark-of-a-search-in-environment'])('are found by %s', async (text) => {
    await using sleeper = await startSleeper('mark-of-a-search')
    expect(processesMentioning(text)).toContain(sleeper.pid)
  })

  it('are gone when they have ended', async () => {
    const { pid } = await (async () => {
      await using sleeper = await startSleeper('mark-of-the-dead')
      return { pid: sleeper.pid }
    })()
    expect(childrenOf(process.pid)).not.toContain(pid)
    expect([childrenOf(pid), commandOf(pid)]).toEqual([[], ''])
  })
})
