import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { residentMemoryMb } from './resident-memory.ts'

const HOLDS_100_MB =
  'globalThis.held = Buffer.alloc(100 * 1024 * 1024, 1); console.log("ready"); setInterval(() => {}, 1e6)'

describe('residentMemoryMb', () => {
  it('counts the descendants of a process', async () => {
    const shell = spawn('sh', ['-c', `"${process.execPath}" -e '${HOLDS_100_MB}'; true`], { detached: true })
    try {
      await once(shell.stdout, 'data')
      const memoryMb = residentMemoryMb(shell.pid ?? 0)
      expect(memoryMb).toBeGreaterThan(100)
      expect(memoryMb).toBeLessThan(1_000)
    } finally {
      process.kill(-(shell.pid ?? 0), 'SIGKILL')
      await once(shell, 'exit')
    }
  })

  it('is not known of a process that there is not', () => {
    expect(residentMemoryMb(2 ** 30)).toBeUndefined()
  })
})
