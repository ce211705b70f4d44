import { request } from 'node:http'
import { pipeline } from 'node:stream'
import { type HttpFixture, serveHttp } from '../support/remote-server.ts'

/** Passes requests on with a token, for clients that can send none, and everything else as it comes, both ways. */
export function serveTokenRelay(origin: string, token: string): Promise<HttpFixture> {
  const { hostname, port } = new URL(origin)
  return serveHttp((incoming, outgoing) => {
    const { method, url: path, rawHeaders } = incoming
    const headers = [...rawHeaders, 'Authorization', `Bearer ${token}`]
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders).flushHeaders()
      pipeline(answer, outgoing, () => {})
    })
    pipeline(incoming, onward, () => {})
    onward.on('error', () => outgoing.destroy())
    outgoing.once('close', () => onward.destroy())
  }, '')
}
