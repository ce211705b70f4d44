import { describe, expect, it } from 'vitest'
import { routeAt } from '../../worker-service/http/routes.ts'
import { visitHostilePage } from '../support/hostile-page.ts'
import { findChromium } from '../support/installed.ts'
import { ScriptedControl } from '../support/scripted-control.ts'
import { startTestHttp } from '../support/test-http.ts'

const chromium = await findChromium()

describe.runIf(chromium.kind === 'ready')('a page of strangers in Chromium', () => {
  it('has nothing carried out, and reads nothing', { timeout: 600_000 }, async () => {
    const control = new ScriptedControl()
    const http = await startTestHttp(control)
    const { read, attempts } = await visitHostilePage(http)
    expect(attempts).toBeGreaterThan(500)
    expect(http.finished.length).toBeGreaterThan(200)
    expect([read, control.asked, http.requests, http.shutDowns]).toEqual([[], [], [], 0])
    // What is open to GET may be asked for by a page of this machine; nothing happens by it, and the page does not see the answer.
    const carriedOut = http.finished.filter(({ status }) => status < 400)
    const harmless = carriedOut.filter(({ method, path }) => method === 'GET' && routeAt(path)?.access !== 'control')
    expect(carriedOut).toEqual(harmless)
    expect(http.calls.filter(({ status }) => status === 'OK')).toEqual([])
    await http.close()
  })
})
