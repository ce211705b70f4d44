import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ResidentMemory } from './resident-memory.ts'

const HOLDS_100_MB =
  'globalThis.held = Buffer.alloc(100 * 1024 * 1024, 1); console.log("ready"); setInterval(() => {}, 1e6)'

describe('the resident memory of a process', () => {
  it('counts the descendants of a process', async () => {
    const shell = spawn('sh', ['-c', `"${process.execPath}" -e '${HOLDS_100_MB}'; true`], { detached: true })
    try {
      await once(shell.stdout, 'data')
      const memoryMb = new ResidentMemory(() => 0).mbOf({ processId: shell.pid })
      expect(memoryMb).toBeGreaterThan(100)
      expect(memoryMb).toBeLessThan(1_000)
    } finally {
      process.kill(-(shell.pid ?? 0), 'SIGKILL')
      await once(shell, 'exit')
    }
  })

  it('counts a descendant that came later once the family is looked for again', async () => {
    const shell = spawn('sh', ['-c', `read line; "${process.execPath}" -e '${HOLDS_100_MB}'; true`], { detached: true })
    try {
      let now = 0
      const memory = new ResidentMemory(() => now)
      const family = { processId: shell.pid }
      expect(memory.mbOf(family)).toBeLessThan(50)
      shell.stdin.write('\n')
      await once(shell.stdout, 'data')
      expect(memory.mbOf(family)).toBeLessThan(50)
      now = 5_000
      expect(memory.mbOf(family)).toBeGreaterThan(100)
    } finally {
      process.kill(-(shell.pid ?? 0), 'SIGKILL')
      await once(shell, 'exit')
    }
  })

  it('is not known of a process that there is not', () => {
    expect(new ResidentMemory(() => 0).mbOf({ processId: undefined })).toBeUndefined()
    expect(new ResidentMemory(() => 0).mbOf({ processId: 2 ** 30 })).toBeUndefined()
  })
})
