import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdLock, whileLocked } from './kernel-lock.ts'

const NEVER = new AbortController().signal
const HOLDER = join(import.meta.dirname, '../../test/fixtures/hold-lock.ts')

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rm(folder, { recursive: true }))

type Holder = ChildProcessByStdio<Writable, Readable, null>

async function startHolder(byte: number): Promise<Holder & AsyncDisposable> {
  const child = spawn(process.execPath, [HOLDER, path, String(byte)], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      if (child.kill('SIGKILL')) await ended
    },
  })
}

describe('whileLocked', () => {
  it('lets one work at a time in a process', async () => {
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 10))
      order.push(`${name} ends`)
    }
    const lock = { path, byte: 7, patienceMs: 600_000 }
    await Promise.all([whileLocked(lock, work('a'), NEVER), whileLocked(lock, work('b'), NEVER)])
    const [first, second] = order[0] === 'a begins' ? ['a', 'b'] : ['b', 'a']
    expect(order).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`])
  })

  it('waits until the holder in another process lets go', async () => {
    await using holder = await startHolder(7)
    const exited = once(holder, 'exit')
    let isTold = false
    const worked = whileLocked({ path, byte: 7, patienceMs: 600_000 }, async () => isTold, NEVER)
    await sleep(50)
    isTold = true
    holder.stdin.end()
    expect(await worked).toBe(true)
    expect(await exited).toEqual([0, null])
  })

  it('is free at once when its holder is killed', async () => {
    await using holder = await startHolder(7)
    const exited = once(holder, 'exit')
    holder.kill('SIGKILL')
    await exited
    expect(await whileLocked({ path, byte: 7, patienceMs: 0 }, async () => 'worked', NEVER)).toBe('worked')
  })

  it('goes on without the lock when patience ends, as a stopped holder never lets go', async () => {
    await using holder = await startHolder(7)
    holder.kill('SIGSTOP')
    expect(await whileLocked({ path, byte: 7, patienceMs: 20 }, async () => 'worked', NEVER)).toBe('worked')
  })

  it('waits for its turn however long others take theirs', async () => {
    let working = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++working)
      await sleep(15)
      working--
    }
    const takeTurns = async () => {
      for (let turn = 0; turn < 2; turn++) await whileLocked({ path, byte: 7, patienceMs: 600 }, work, NEVER)
    }
    await Promise.all(Array.from({ length: 30 }, takeTurns))
    expect(most).toBe(1)
  })

  it.runIf(process.platform === 'linux')('does not wait for who locks another byte', async () => {
    await using holder = await startHolder(8)
    expect(await whileLocked({ path, byte: 7, patienceMs: 600_000 }, async () => 'worked', NEVER)).toBe('worked')
    expect(holder.exitCode).toBeNull()
  })

  it('stops waiting when the signal says so, and does nothing', async () => {
    await using _ = await startHolder(7)
    const leaving = new AbortController()
    let worked = false
    const waiting = whileLocked(
      { path, byte: 7, patienceMs: 600_000 },
      async () => {
        worked = true
      },
      leaving.signal,
    )
    setTimeout(() => leaving.abort(), 20)
    await expect(waiting).rejects.toThrow('aborted')
    expect(worked).toBe(false)
  })

  it('lets go when the work fails', async () => {
    const lock = { path, byte: 7, patienceMs: 600_000 }
    await expect(whileLocked(lock, () => Promise.reject(new Error('no')), NEVER)).rejects.toThrow('no')
    expect(await whileLocked(lock, async () => 'worked', NEVER)).toBe('worked')
  })
})

describe('holdLock', () => {
  it('holds until it is disposed of, against others in this process and outside', async () => {
    const held = await holdLock({ path, byte: 7 })
    expect(held).toBeDefined()
    expect(await holdLock({ path, byte: 7 })).toBeUndefined()
    await held?.[Symbol.asyncDispose]()
    await using holder = await startHolder(7)
    expect(await holdLock({ path, byte: 7 })).toBeUndefined()
    holder.kill('SIGSTOP')
    expect(await holdLock({ path, byte: 7 })).toBeUndefined()
  })

  it('has what a killed holder had', async () => {
    await using holder = await startHolder(7)
    const exited = once(holder, 'exit')
    holder.kill('SIGKILL')
    await exited
    await using held = await holdLock({ path, byte: 7 })
    expect(held).toBeDefined()
  })
})
