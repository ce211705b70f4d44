import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

// Prints what V8 holds before and after, in bytes, and what programs are offered of it.
const PROGRAM = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { giveBackMemory } from '${new URL('./give-back-memory.ts', import.meta.url).href}'
  const held = () => process.memoryUsage().heapTotal
  Array.from({ length: 400_000 }, (_, index) => [index])
  const before = held()
  giveBackMemory()
  for (let looked = 0; looked < 40 && held() > before * 0.8; looked++) await sleep(500)
  console.log(JSON.stringify({ before, after: held(), offered: typeof globalThis.gc }))`

describe('giving memory back', () => {
  it('has V8 let go of what nothing needs, and leaves programs no way to ask for it', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM])
    expect(stderr).toBe('')
    const { before, after, offered } = JSON.parse(stdout)
    expect(after).toBeLessThan(before * 0.8)
    expect(offered).toBe('undefined')
  })
})
