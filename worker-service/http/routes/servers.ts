import type { Context, Hono } from 'hono'
import type { ServerStatus } from '../../../shared/contracts/server-status.ts'
import type { Admission } from '../../control/admission.ts'
import { knownToolTexts } from '../../control/known-tool-texts.ts'
import type { ServerControl, WorkerControl } from '../../control/worker-control.ts'
import type { AppEnv } from '../create-app.ts'
import { JSON_HEADERS, jsonResponse } from '../error-response.ts'
import { readNoBody } from '../read-json-body.ts'
import { readFlag } from '../read-query.ts'
import { SERVER_MOUNTS, serverOf } from '../routes.ts'

type Actions = Pick<ServerControl, 'start' | 'stop' | 'restart' | 'acceptTools'>

const ACTIONS = [
  ['start', 'start'],
  ['stop', 'stop'],
  ['restart', 'restart'],
  ['accept-tools', 'acceptTools'],
] as const satisfies [path: string, action: keyof Actions][]

/** Every configured server, or one: `GET /servers`, `GET /servers/{name}`, and what it offers: `GET /servers/{name}/tools`. */
export function serverRoutes(app: Hono<AppEnv>, worker: Pick<WorkerControl, 'servers' | 'toolTextsOf'>): void {
  const { servers } = worker
  for (const mount of SERVER_MOUNTS) {
    app.get(mount, () => jsonResponse({ servers: servers.status().servers }))
    onServer(app, { method: 'GET', path: `${mount}/:name` }, async (_, server) => jsonResponse(servers.row(server)))
    onServer(app, { method: 'GET', path: `${mount}/:name/tools` }, async (c, server) => {
      if (readFlag(c, 'ask') === true) await servers.askForTools(server)
      return jsonText(`{"tools":[${knownToolTexts(worker, server).join()}]}`)
    })
  }
}

/** `POST /servers/{name}/start`, `/stop`, `/restart` and `/accept-tools`: the server's row once it is so. Who is there already changes nothing. */
export function serverActionRoutes(app: Hono<AppEnv>, servers: Actions, admission: Admission): void {
  for (const [path, action] of ACTIONS) {
    for (const mount of SERVER_MOUNTS) {
      onServer(app, { method: 'POST', path: `${mount}/:name/${path}` }, (c, server) =>
        admission.run(() => act(c, () => servers[action](server))),
      )
    }
  }
}

type Answer = (c: Context<AppEnv>, server: string) => Promise<Response>

/** Answers at a path with `:name` in it, where that is a name that a server can have. */
export function onServer(app: Hono<AppEnv>, at: { method: 'GET' | 'POST'; path: string }, answer: Answer): void {
  app.on(at.method, at.path, async (c, next) => {
    const server = serverOf(c.req.path)
    return server === undefined ? next() : answer(c, server)
  })
}

async function act(c: Context<AppEnv>, action: () => Promise<ServerStatus>): Promise<Response> {
  await readNoBody(c.env.incoming)
  return jsonResponse(await action())
}

function jsonText(text: string): Response {
  return new Response(text, { status: 200, headers: JSON_HEADERS })
}
