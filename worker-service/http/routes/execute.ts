import type { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import type { Admission } from '../admission.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv } from '../create-app.ts'
import { JSON_HEADERS, toValidationResponse } from '../error-response.ts'
import type { HttpServers } from '../http-service.ts'
import { parseToolCall } from '../parse-tool-call.ts'
import { readJsonBytes } from '../read-json-body.ts'
import { SERVER_MOUNTS } from '../routes.ts'
import { onServer } from './servers.ts'

/** `POST /servers/{name}/execute`: one tool call, answered with the tool's own result object as the server sent it. */
export function executeRoute(app: Hono<AppEnv>, servers: HttpServers, admission: Admission): void {
  for (const mount of SERVER_MOUNTS) {
    onServer(app, { method: 'POST', path: `${mount}/:name/execute` }, ({ env: { incoming, outgoing } }, server) =>
      admission.run(() => execute(servers, { server, incoming, signal: clientSignal(outgoing) })),
    )
  }
}

interface Execution {
  server: string
  incoming: IncomingMessage
  signal: AbortSignal
}

async function execute(servers: HttpServers, { server, incoming, signal }: Execution): Promise<Response> {
  const parsed = parseToolCall(await readJsonBytes(incoming, servers.maxMessageBytes(server)))
  if (!parsed.ok) return toValidationResponse({ detail: parsed.issues })
  const result = await servers.execute(server, parsed.call, signal)
  return new Response(new Uint8Array(result), { status: 200, headers: JSON_HEADERS })
}
