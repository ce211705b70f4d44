import { describe, expect, it, vi } from 'vitest'
import { exchange } from '../../../../../test/support/raw-http.ts'
import { CallbackListener } from './callback-listener.ts'

const NEVER = new AbortController().signal

/** A listener that waits for the login `mine`, and what it was handed. */
async function waiting(finish: (callback: URL) => Promise<void> = () => Promise.resolve()) {
  const listener = await CallbackListener.open(0)
  const handed: string[] = []
  const answered = listener.answer(
    'mine',
    (callback) => {
      handed.push(callback.search)
      return finish(callback)
    },
    NEVER,
  )
  const { host, origin } = new URL(listener.url)
  const get = async (target: string, named = host) => {
    const [answer] = await exchange(origin, `GET ${target} HTTP/1.1\r\nhost: ${named}\r\n\r\n`)
    return [answer?.status, answer?.body.trim()]
  }
  return { listener, answered, handed, get, [Symbol.dispose]: () => listener[Symbol.dispose]() }
}

describe('where a browser comes back to after a login', () => {
  it('takes what belongs to this login, and says so once it is done', async () => {
    using browser = await waiting()
    expect(await browser.get('/callback?state=mine&code=1')).toEqual([
      200,
      'Pilotlight: You are logged in. This window can be closed.',
    ])
    await browser.answered
    expect(browser.handed).toEqual(['?state=mine&code=1'])
  })

  it('is finished once, however often the browser loads the page', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    using browser = await waiting(() => promise)
    const pages = [browser.get('/callback?state=mine&code=1'), browser.get('/callback?state=mine&code=1')]
    await vi.waitFor(() => expect(browser.handed).toHaveLength(1))
    resolve()
    expect((await Promise.all(pages)).map(([status]) => status)).toEqual([200, 200])
    await browser.answered
    expect(browser.handed).toEqual(['?state=mine&code=1'])
  })

  it('refuses everything else and waits on', async () => {
    using browser = await waiting()
    expect((await browser.get('/callback?state=another&code=1'))[0]).toBe(400)
    expect((await browser.get('/callback?code=1'))[0]).toBe(400)
    expect((await browser.get('/'))[0]).toBe(404)
    expect((await browser.get('/callback?state=mine', 'attacker.example'))[0]).toBe(404)
    expect(browser.handed).toEqual([])
    expect((await browser.get('/callback?state=mine'))[0]).toBe(200)
    await browser.answered
  })

  it('tells the browser and whoever waits why a login did not come about', async () => {
    using browser = await waiting(() => Promise.reject(new Error('inside')))
    const outcome = browser.answered.catch((thrown: unknown) => thrown)
    const [status, body] = await browser.get('/callback?state=mine')
    expect(status).toBe(400)
    expect(body).toContain('The login did not come about.')
    expect(body).not.toContain('inside')
    expect(await outcome).toMatchObject({ message: 'inside' })
  })

  it('gives up when it is told to, and after five minutes', async () => {
    using listener = await CallbackListener.open(0)
    await expect(listener.answer('x', () => Promise.resolve(), AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    )
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const late = listener.answer('x', () => Promise.resolve(), NEVER).catch((thrown: unknown) => thrown)
      await vi.advanceTimersByTimeAsync(5 * 60_000)
      expect(await late).toMatchObject({ code: 'timeout' })
    } finally {
      vi.useRealTimers()
    }
  })

  it('listens elsewhere where its port is taken', async () => {
    using first = await CallbackListener.open(0)
    using second = await CallbackListener.open(Number(new URL(first.url).port))
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port)
  })
})
