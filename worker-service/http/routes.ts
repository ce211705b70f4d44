/** Who may call a route: everybody, whoever passes the guard, or holders of the token. */
export type Access = 'health' | 'open' | 'control'

interface Route {
  method: 'GET' | 'POST'
  access: Access
}

/** Every route of the worker's HTTP listener. A path that is not here does not exist. */
export const ROUTES = {
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
} as const satisfies Record<string, Route>

/** The route at exactly this path, undefined where there is none. */
export function routeAt(path: string): Route | undefined {
  return Object.hasOwn(ROUTES, path) ? ROUTES[path as keyof typeof ROUTES] : undefined
}
