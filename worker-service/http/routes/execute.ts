import type { Context, Hono } from 'hono'
import type { Admission } from '../../control/admission.ts'
import { parseToolCall } from '../../control/parse-tool-call.ts'
import { flagsOf, type KnownTools, typeFlags } from '../../control/type-flags.ts'
import type { ServerControl } from '../../control/worker-control.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv, HttpEvents } from '../create-app.ts'
import { JSON_HEADERS } from '../error-response.ts'
import { readJsonBytes } from '../read-json-body.ts'
import { wantsEvents } from '../read-query.ts'
import { SERVER_MOUNTS } from '../routes.ts'
import { streamCall } from '../stream-call.ts'
import { onServer } from './servers.ts'

interface ExecuteOptions extends KnownTools {
  servers: ServerControl
  admission: Admission
  events: Pick<HttpEvents, 'unexpectedError'>
}

/**
 * `POST /servers/{name}/execute`: one tool call, answered with the tool's own result object as the server sent it, or with server-sent
 * events of its progress and then of the result.
 */
export function executeRoute(app: Hono<AppEnv>, options: ExecuteOptions): void {
  for (const mount of SERVER_MOUNTS) {
    onServer(app, { method: 'POST', path: `${mount}/:name/execute` }, (c, server) =>
      options.admission.run(() => execute(c, server, options)),
    )
  }
}

async function execute(c: Context<AppEnv>, server: string, options: ExecuteOptions): Promise<Response> {
  const { servers, events } = options
  const { incoming, outgoing, requestId } = c.env
  const isStreamed = wantsEvents(c, 'stream')
  const signal = clientSignal(outgoing)
  const body = await readJsonBytes(incoming, servers.maxMessageBytes(server))
  const given = parseToolCall(body)
  const flags = flagsOf(body)
  const call = flags === undefined ? given : await typeFlags({ server, call: given, flags }, options)
  if (isStreamed) {
    const unexpected = (thrown: unknown) => events.unexpectedError(thrown, requestId)
    return streamCall((progressed) => servers.execute(server, { ...call, progressed }, signal), {
      outgoing,
      unexpected,
    })
  }
  const result = await servers.execute(server, call, signal)
  return new Response(new Uint8Array(result), { status: 200, headers: JSON_HEADERS })
}
