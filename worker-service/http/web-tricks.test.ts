import { describe, expect, it } from 'vitest'
import { exchange } from '../../test/support/raw-http.ts'
import { ScriptedControl } from '../../test/support/scripted-control.ts'
import { startTestHttp } from '../../test/support/test-http.ts'
import { attemptAll, WEB_TRICKS } from '../../test/support/web-tricks.ts'
import { allRoutes } from './routes.ts'

const ATTEMPTS = allRoutes().flatMap((route) => WEB_TRICKS.map((trick) => ({ route, tricks: [trick] })))

describe('whatever a request looks like', () => {
  it.each(['the port', 'the private socket'])('%s carries out nothing but what is promised', async (listener) => {
    const http = await startTestHttp(new ScriptedControl())
    const to = listener === 'the port' ? http.url : http.socketPath
    const all = [undefined, http.token].flatMap((token) => ATTEMPTS.map((made) => ({ ...made, token })))
    expect(await attemptAll(to, all)).toEqual([])
    const [next] = await exchange(to, 'GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(next?.status).toBe(200)
    await http.close()
  })

  it('the worker calls no tool, finds none and does not end for what a foreign page could send, whatever it knows', async () => {
    const control = new ScriptedControl()
    const http = await startTestHttp(control)
    const foreign = ATTEMPTS.filter(({ tricks }) => tricks.some(({ isForeign }) => isForeign))
    await attemptAll(
      http.url,
      foreign.map((made) => ({ ...made, token: http.token })),
    )
    expect([control.asked, http.requests, http.shutDowns]).toEqual([[], [], 0])
    await http.close()
  })
})
