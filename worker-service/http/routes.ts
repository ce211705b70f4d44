import { SERVER_NAME } from '../../shared/contracts/server-name.ts'

/** Who may call a route: everybody, whoever passes the guard, or holders of the token. */
export type Access = 'health' | 'open' | 'control'

interface Route {
  /** What it takes, as in an Allow header. */
  methods: string
  access: Access
}

/** A route that exists. `label` is its path, or the pattern it fits; few enough to be labels of a metric. */
interface FoundRoute extends Route {
  label: string
}

/** Every route of the worker's HTTP listener that has one path. A path that is neither here nor below a server does not exist. */
const ROUTES = {
  '/health': { methods: 'GET', access: 'health' },
  '/ready': { methods: 'GET', access: 'open' },
  '/metrics': { methods: 'GET', access: 'open' },
  '/openapi.json': { methods: 'GET', access: 'open' },
  '/docs': { methods: 'GET', access: 'open' },
  '/docs/swagger-ui.css': { methods: 'GET', access: 'open' },
  '/docs/swagger-ui-bundle.js': { methods: 'GET', access: 'open' },
  '/docs/start.js': { methods: 'GET', access: 'open' },
  '/find_tools': { methods: 'POST', access: 'open' },
  '/api/v1/tools/attach': { methods: 'POST', access: 'open' },
  '/api/v1/tools/search': { methods: 'POST', access: 'open' },
  '/api/v1/health': { methods: 'GET', access: 'open' },
  '/api/health': { methods: 'GET', access: 'open' },
  '/status': { methods: 'GET', access: 'control' },
  '/servers': { methods: 'GET', access: 'control' },
  '/proxies': { methods: 'GET', access: 'control' },
  '/shutdown': { methods: 'POST', access: 'control' },
  '/mcp': { methods: 'GET, POST, DELETE', access: 'control' },
} as const satisfies Record<string, Route>

/** Where the routes of servers are: `<mount>/<name>/<what>`. */
export const SERVER_MOUNTS = ['/servers', '/proxies'] as const

/** What can be asked of one server; nothing in particular is its row. */
const SERVER_ROUTES = {
  '': { methods: 'GET', access: 'control' },
  '/start': { methods: 'POST', access: 'control' },
  '/stop': { methods: 'POST', access: 'control' },
  '/restart': { methods: 'POST', access: 'control' },
  '/accept-tools': { methods: 'POST', access: 'control' },
  '/tools': { methods: 'GET', access: 'control' },
  '/logs': { methods: 'GET', access: 'control' },
  '/execute': { methods: 'POST', access: 'control' },
} as const satisfies Record<string, Route>

/** The label of the MCP endpoint of one server. */
const SERVER_MCP = '/mcp/{name}'

/** Every route there is, a server's name in its label as `{name}`. */
export function allRoutes(): FoundRoute[] {
  const fixed = Object.entries(ROUTES).map(([label, route]) => ({ ...route, label }))
  const ofServers = SERVER_MOUNTS.flatMap((mount) =>
    Object.entries(SERVER_ROUTES).map(([what, route]) => ({ ...route, label: `${mount}/{name}${what}` })),
  )
  return [...fixed, ...ofServers, { ...ROUTES['/mcp'], label: SERVER_MCP }]
}

/** The route at exactly this path, undefined where there is none. */
export function routeAt(path: string): FoundRoute | undefined {
  if (hasOwn(ROUTES, path)) return { ...ROUTES[path], label: path }
  const { server } = mcpTargetOf(path) ?? {}
  if (server !== undefined) return { ...ROUTES['/mcp'], label: SERVER_MCP }
  const found = partsOf(path)
  if (found === undefined || !hasOwn(SERVER_ROUTES, found.what)) return undefined
  return { ...SERVER_ROUTES[found.what], label: `${found.mount}/{name}${found.what}` }
}

/** What an MCP endpoint serves: one server, or all of them. Undefined where the path is none. */
export function mcpTargetOf(path: string): { server: string | undefined } | undefined {
  if (path === '/mcp') return { server: undefined }
  const server = path.startsWith('/mcp/') ? path.slice('/mcp/'.length) : ''
  return SERVER_NAME.test(server) ? { server } : undefined
}

/** The server that a path is about, undefined where it is about none. */
export function serverOf(path: string): string | undefined {
  return partsOf(path)?.server
}

function partsOf(path: string): { mount: string; server: string; what: string } | undefined {
  const [root, mount, server, what, ...more] = path.split('/')
  if (root !== '' || server === undefined || more.length > 0) return undefined
  if (!SERVER_MOUNTS.some((known) => known === `/${mount}`) || !SERVER_NAME.test(server)) return undefined
  return { mount: `/${mount}`, server, what: what === undefined ? '' : `/${what}` }
}

function hasOwn<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key)
}
