import type { ServerResponse } from 'node:http'

/** Answers with a response that was made in one piece. What was begun to be answered otherwise is broken off. */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer())
  if (outgoing.destroyed || outgoing.writableEnded) return
  if (outgoing.headersSent) return void outgoing.destroy()
  outgoing.statusCode = response.status
  outgoing.setHeaders(response.headers)
  outgoing.end(body)
}
