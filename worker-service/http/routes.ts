import { SERVER_NAME } from '../../shared/contracts/server-name.ts'

/** Who may call a route: everybody, whoever passes the guard, or holders of the token. */
export type Access = 'health' | 'open' | 'control'

interface Route {
  method: 'GET' | 'POST'
  access: Access
}

/** A route that exists. `label` is its path, or the pattern it fits; few enough to be labels of a metric. */
interface FoundRoute extends Route {
  label: string
}

/** Every route of the worker's HTTP listener that has one path. A path that is neither here nor below a server does not exist. */
const ROUTES = {
  '/health': { method: 'GET', access: 'health' },
  '/ready': { method: 'GET', access: 'open' },
  '/metrics': { method: 'GET', access: 'open' },
  '/openapi.json': { method: 'GET', access: 'open' },
  '/docs': { method: 'GET', access: 'open' },
  '/docs/swagger-ui.css': { method: 'GET', access: 'open' },
  '/docs/swagger-ui-bundle.js': { method: 'GET', access: 'open' },
  '/docs/start.js': { method: 'GET', access: 'open' },
  '/find_tools': { method: 'POST', access: 'open' },
  '/api/v1/tools/attach': { method: 'POST', access: 'open' },
  '/api/v1/tools/search': { method: 'POST', access: 'open' },
  '/api/v1/health': { method: 'GET', access: 'open' },
  '/api/health': { method: 'GET', access: 'open' },
  '/status': { method: 'GET', access: 'control' },
} as const satisfies Record<string, Route>

/** Where the routes of servers are: `<mount>/<name>/<what>`. */
export const SERVER_MOUNTS = ['/servers', '/proxies'] as const

/** What can be asked of one server. */
const SERVER_ROUTES = {
  execute: { method: 'POST', access: 'control' },
} as const satisfies Record<string, Route>

/** The route at exactly this path, undefined where there is none. */
export function routeAt(path: string): FoundRoute | undefined {
  if (hasOwn(ROUTES, path)) return { ...ROUTES[path], label: path }
  const found = partsOf(path)
  if (found === undefined || !hasOwn(SERVER_ROUTES, found.what)) return undefined
  return { ...SERVER_ROUTES[found.what], label: `${found.mount}/{name}/${found.what}` }
}

/** The server that a path is about, undefined where it is about none. */
export function serverOf(path: string): string | undefined {
  return partsOf(path)?.server
}

function partsOf(path: string): { mount: string; server: string; what: string } | undefined {
  const [root, mount, server, what, ...more] = path.split('/')
  if (root !== '' || server === undefined || what === undefined || more.length > 0) return undefined
  if (!SERVER_MOUNTS.some((known) => known === `/${mount}`) || !SERVER_NAME.test(server)) return undefined
  return { mount: `/${mount}`, server, what }
}

function hasOwn<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key)
}
