import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('./compile-early.ts', import.meta.url).href
// Nothing is compiled beside the program, so that it is known when.
const OPTIONS = ['--allow-natives-syntax', '--single-threaded', '--input-type=module']

/** Whether V8 has compiled with all its means what has run 1,000 times. */
async function isCompiled(prepare: string): Promise<boolean> {
  const program = `
    import { compileEarly } from '${MODULE}'
    ${prepare}
    const TURBOFAN = 1 << 6
    const add = (one, other) => { let sum = 0; for (let at = 0; at < 8; at++) sum += one + other; return sum }
    for (let run = 0; run < 1_000; run++) add(run, 1)
    console.log((%GetOptimizationStatus(add) & TURBOFAN) !== 0)`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...OPTIONS, '-e', program])
  expect(stderr).toBe('')
  return stdout === 'true\n'
}

describe('compiling early', () => {
  it('has V8 compile sooner, where it knows the flag', async () => {
    expect(await isCompiled('')).toBe(false)
    expect(await isCompiled('compileEarly()')).toBe(true)
    expect(await isCompiled("compileEarly('15.0.1')")).toBe(false)
  })
})
