import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ServiceError } from '../../../../../shared/errors/service-error.ts'

const HOST = '127.0.0.1'
const PATH = '/callback'
const MAX_WAIT_MS = 5 * 60_000
// What a server has forgotten of us it says on its page alone.
const NOBODY_CAME = `Nobody logged in within ${MAX_WAIT_MS / 60_000} minutes. If the page did not know this client, "pilot auth logout" has it registered anew.`

/** Waits on this machine for a browser to come back from a login page (RFC 8252). */
export class CallbackListener implements Disposable {
  readonly #server: Server
  /** Where the browser is to be sent back to. */
  readonly url: string

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://${HOST}:${(server.address() as AddressInfo).port}${PATH}`
  }

  /** Listens on a port, or on any where that is taken or 0. */
  static async open(port: number): Promise<CallbackListener> {
    const server = createServer()
    await listen(server, port).catch(() => listen(server, 0))
    return new CallbackListener(server)
  }

  [Symbol.dispose](): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /**
   * Hands the URL that the browser comes back with first to `finish`, and tells the browser what came of it. What comes back from another
   * login is refused and not waited for less. Rejects with what `finish` rejects with, with `timeout` after five minutes, and with the
   * signal's reason.
   */
  async answer(state: string | null, finish: (callback: URL) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = () => reject(new ServiceError('timeout', NOBODY_CAME))
    const timer = setTimeout(late, MAX_WAIT_MS)
    const aborted = () => reject(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()
    let finishing: Promise<void> | undefined
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const callback = this.#callbackOf(request)
      if (callback === undefined) return reply(response, 404, 'There is nothing here.')
      if (callback.searchParams.get('state') !== state) return reply(response, 400, 'This belongs to another login.')
      // A browser that loads the page twice must not spend the code twice: servers take back all they have given for it.
      finishing ??= finish(callback)
      finishing.then(
        () => reply(response, 200, 'You are logged in. This window can be closed.', resolve),
        (thrown: unknown) =>
          reply(response, 400, `The login did not come about. ${ServiceError.from(thrown).message}`, () =>
            reject(thrown),
          ),
      )
    })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
    }
  }

  #callbackOf({ method, url = '', headers }: IncomingMessage): URL | undefined {
    const callback = URL.parse(url, this.url)
    // By another name a page elsewhere could read the answer.
    const isForUs = method === 'GET' && headers.host === new URL(this.url).host && callback?.pathname === PATH
    return isForUs ? callback : undefined
  }
}

async function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, HOST, () => {
    server.off('error', reject)
    resolve()
  })
  await promise
}

function reply(response: ServerResponse, status: number, text: string, written?: () => void): void {
  const body = `Pilotlight: ${text}\n`
  response.writeHead(status, {
    // Nothing of what an authorization server said can be a page of ours.
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(body, written)
}
