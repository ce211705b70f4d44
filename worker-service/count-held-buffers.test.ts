import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('./count-held-buffers.ts', import.meta.url).href

/** How many full collections a process makes that holds a heap and throws a gigabyte of buffers away. */
async function countCollections(prepare: string): Promise<number> {
  const program = `
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    import { setImmediate } from 'node:timers/promises'
    import { countHeldBuffers } from '${MODULE}'
    ${prepare}
    const held = Array.from({ length: 200_000 }, (_, index) => [index])
    let count = 0
    const isFull = ({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR
    new PerformanceObserver((list) => { count += list.getEntries().filter(isFull).length }).observe({ type: 'gc' })
    for (let made = 0; made < 10_000; made++) {
      Buffer.allocUnsafe(100_000)
      if (made % 10 === 0) await setImmediate()
    }
    await setImmediate()
    console.log(count, held.length)`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stderr).toBe('')
  return Number(stdout.split(' ')[0])
}

describe('counting held buffers', () => {
  it('makes full collections rare where buffers come and go, on the V8 that can be asked for it', async () => {
    const usual = await countCollections('')
    expect(usual).toBeGreaterThan(4)
    expect(await countCollections('countHeldBuffers()')).toBeLessThan(usual / 2)
    expect(await countCollections("countHeldBuffers('12.4.254.21-node.33')")).toBeGreaterThan(usual / 2)
    expect(await countCollections("countHeldBuffers('14.8.1')")).toBeGreaterThan(usual / 2)
  })
})
