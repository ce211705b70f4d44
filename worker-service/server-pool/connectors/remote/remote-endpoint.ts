import type { Agent } from 'undici'
import { type Authorizer, NO_AUTHORIZER } from './authorizer.ts'
import { HttpExchange, type HttpRequest, headerOf, type ReplyHead } from './http-exchange.ts'
import { redirectError, redirectTarget, toRemoteError } from './remote-failure.ts'
import type { RemoteSite } from './remote-site.ts'

/** A request to the endpoint: what is the same for all of them is added. */
export interface EndpointRequest extends Omit<HttpRequest, 'path'> {
  /** A path of its own, below the origin; the endpoint's where there is none. */
  path?: string
  /** Told when the request has left. */
  onSent?: () => void
}

/** An answer whose head has come. Its exchange is to be read, discarded or aborted. */
export interface EndpointReply {
  exchange: HttpExchange
  head: ReplyHead
}

const MAX_REDIRECTS = 3
// Where nothing is said of it, a server may compress as it likes (RFC 9110, 12.5.3).
const UNCOMPRESSED = ['accept-encoding', 'identity']
const MAX_BEGINNING_BYTES = 4_096
const UNWANTED = new Error('The rest of the answer is not wanted.')

/** The URL of a remote server: follows redirects within its origin, and logs in anew, once, where a login is refused. */
export class RemoteEndpoint {
  readonly #own: RemoteSite
  readonly #agent: Agent
  readonly #authorizer: Authorizer
  #path: string
  #site: RemoteSite
  #sent: string | undefined

  constructor(site: RemoteSite, { agent, authorizer }: { agent: Agent; authorizer: Authorizer }) {
    this.#own = site
    this.#site = site
    this.#agent = agent
    // A configuration that logs in by itself is not overruled.
    this.#authorizer = site.hasAuthorization ? NO_AUTHORIZER : authorizer
    this.#path = site.path
  }

  /** Where requests go. Its secrets are those of its definition and the login that was last sent. */
  get site(): RemoteSite {
    return this.#site
  }

  /**
   * Sends a request and resolves with the head of the answer, whatever its status. Rejects with a ServiceError, or the signal's reason.
   * Only what was answered with a redirect or a refused login is sent again: neither was carried out.
   */
  async request(request: EndpointRequest, signal: AbortSignal): Promise<EndpointReply> {
    let path = request.path ?? this.#path
    for (let redirects = 0, logins = 0; ; ) {
      const authorization = await this.#authorizer.authorization(signal)
      const reply = await this.#exchange({ ...request, path }, authorization, signal)
      const redirected = this.#redirectPath(reply.head, request.method, path)
      if (redirected !== undefined && redirects++ < MAX_REDIRECTS) {
        this.discard(reply)
        path = redirected
        // The next request need not take the detour.
        if (request.path === undefined) this.#path = path
        continue
      }
      if (logins++ > 0 || !(await this.#logIn(reply.head, authorization, signal))) return reply
      this.discard(reply)
    }
  }

  /** The beginning of an answer's body, as much of it as an error can have use for. */
  async readBeginning({ exchange }: EndpointReply): Promise<Buffer> {
    const chunks: Buffer[] = []
    let bytes = 0
    const read = exchange.read((chunk) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_BEGINNING_BYTES) exchange.abort(UNWANTED)
    })
    // What has come by then is enough.
    await read.catch(() => {})
    return Buffer.concat(chunks).subarray(0, MAX_BEGINNING_BYTES)
  }

  /** Lets an answer pass whose body nobody needs; where that is short, its connection stays usable. */
  discard(reply: EndpointReply): void {
    void this.readBeginning(reply)
  }

  async #exchange(
    { onSent, headers, ...request }: EndpointRequest & { path: string },
    authorization: string | undefined,
    signal: AbortSignal,
  ): Promise<EndpointReply> {
    signal.throwIfAborted()
    this.#keepSecret(authorization)
    const login = authorization === undefined ? [] : ['authorization', authorization]
    const exchange = new HttpExchange()
    let sent = false
    const left = () => {
      sent = true
      onSent?.()
    }
    exchange.sent.then(left, () => {})
    try {
      const all = [...this.site.headers, ...UNCOMPRESSED, ...headers, ...login]
      exchange.start({ agent: this.#agent, origin: this.site.origin }, { ...request, headers: all }, signal)
      return { exchange, head: await exchange.head }
    } catch (thrown) {
      signal.throwIfAborted()
      throw toRemoteError(thrown, this.site, sent)
    }
  }

  #keepSecret(authorization: string | undefined): void {
    if (authorization === undefined || authorization === this.#sent) return
    this.#sent = authorization
    const secrets = [...this.#own.secrets, authorization, ...authorization.split(' ').slice(1)]
    this.#site = { ...this.#own, secrets }
  }

  /** The path to send the request to instead. Throws where it is on another origin: nothing of ours goes there. */
  #redirectPath(head: ReplyHead, method: string, path: string): string | undefined {
    const target = redirectTarget(this.site, head, path)
    if (target === undefined) return undefined
    if (target.origin !== this.site.origin) throw redirectError(this.site, target)
    // The others turn a POST into a GET.
    return method === 'GET' || head.status === 307 || head.status === 308 ? target.pathname + target.search : undefined
  }

  async #logIn({ status, headers }: ReplyHead, sent: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (status !== 401 && status !== 403) return false
    return this.#authorizer.refused({ sent, status, challenge: headerOf(headers, 'www-authenticate') }, signal)
  }
}
