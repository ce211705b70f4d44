import { readEnvironment } from '../../../shared/environment.ts'
import { allServersSocketPath, serverSocketPath } from '../../../shared/server-socket.ts'
import type { Meeting } from '../../support/official-caller.ts'
import { PILOT } from '../../support/worker-process.ts'

/** The only server of a worker that is restarted. */
export const SERVER = 'one'

/** Where the worker is, and what its programs need in their environment to find it. */
export interface RestartedPlace {
  readonly variables: Readonly<Record<string, string>>
  readonly port: number
  readonly token: string
}

/** A way on which clients meet the worker. */
export interface Face {
  readonly name: string
  readonly servers: 'one' | 'all'
  /** Whether a session outlives the worker; else its client begins anew, as MCP says, when it is told that the session is over. */
  readonly outlives: boolean
  readonly meet: (place: RestartedPlace) => Meeting
}

/** Every way there is. */
export const FACES: readonly Face[] = [
  { name: 'pilot mcp', servers: 'all', outlives: true, meet: ({ variables }) => pilot(['mcp'], variables) },
  {
    name: 'pilot mcp over HTTP',
    servers: 'all',
    outlives: true,
    meet: ({ variables, port }) => pilot(['mcp'], { ...variables, WORKER_SERVICE_URL: `http://127.0.0.1:${port}` }),
  },
  {
    name: 'pilot connect',
    servers: 'one',
    outlives: true,
    meet: ({ variables }) => pilot(['connect', SERVER], variables),
  },
  { name: '/mcp', servers: 'all', outlives: false, meet: (place) => endpoint(place, '/mcp') },
  { name: '/mcp/{server}', servers: 'one', outlives: false, meet: (place) => endpoint(place, `/mcp/${SERVER}`) },
  {
    name: 'mcp.sock',
    servers: 'all',
    outlives: false,
    meet: ({ variables }) => ({ socketPath: allServersSocketPath(runtimeOf(variables)) }),
  },
  {
    name: 'the socket of a server',
    servers: 'one',
    outlives: false,
    meet: ({ variables }) => ({ socketPath: serverSocketPath(runtimeOf(variables), SERVER) }),
  },
]

function pilot(args: string[], env: Readonly<Record<string, string>>): Meeting {
  return { command: process.execPath, args: [PILOT, ...args], env: { ...env } }
}

function endpoint({ port, token }: RestartedPlace, path: string): Meeting {
  return { url: new URL(path, `http://127.0.0.1:${port}`), headers: { authorization: `Bearer ${token}` } }
}

function runtimeOf(variables: Readonly<Record<string, string>>): string {
  return readEnvironment(variables).folders.runtime
}
