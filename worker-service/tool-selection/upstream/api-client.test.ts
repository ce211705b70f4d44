import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const SELECTOR = join(import.meta.dirname, '../selectors/api-selector.ts')
const OBSERVER = `{ connectionOpened() {}, connectionClosed() {}, requestFinished() {}, circuitOpened() {}, circuitClosed() {} }`

/** What a Node of its own prints after creating a selector for a port where nobody listens. */
async function printedBy(script: string): Promise<string> {
  const program = `
    import { createRequire } from 'node:module'
    import { createApiSelector } from ${JSON.stringify(SELECTOR)}
    const selector = createApiSelector({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 5000, observer: ${OBSERVER} })
    const loaded = () => Object.keys(createRequire(${JSON.stringify(SELECTOR)}).cache).join()
    ${script}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  return stdout.trim()
}

describe('a process with an API selector', () => {
  it('loads undici at the first call and not before', async () => {
    const printed = await printedBy(`
      const before = loaded().includes('undici')
      await selector.check(new AbortController().signal).catch(() => {})
      console.log(before, loaded().includes('undici'))`)
    expect(printed).toBe('false true')
  })

  it('stays alive until its only call, retry included, has ended', async () => {
    const printed = await printedBy(`
      selector.check(new AbortController().signal).catch((error) => console.log(error.code))`)
    expect(printed).toBe('selector_failed')
  })

  it('leaves by itself when its calls have ended, disposed or not', async () => {
    await expect(printedBy(`await selector.check(new AbortController().signal).catch(() => {})`)).resolves.toBe('')
  })
})
