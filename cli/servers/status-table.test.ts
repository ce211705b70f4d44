import { expect, it } from 'vitest'
import type { ServerStatus, Status } from '../../shared/contracts/server-status.ts'
import { openScreen } from '../output/screen.ts'
import { statusTable } from './status-table.ts'

const SERVER: ServerStatus = {
  name: 'one',
  state: 'ready',
  since: '2026-01-01T00:00:00.000Z',
  why: 'it is needed',
  next: '',
  pid: 1,
  instances: 1,
  clients: 0,
  max_clients: 5,
  in_flight: 0,
  calls: 0,
  restarts: 0,
  last_used: null,
  memory_mb: null,
  withheld: [],
  tools_changed: null,
  hidden_characters: [],
}

const SERVICE: Status['service'] = {
  version: '1.0.0',
  pid: 1,
  uptime_s: 1,
  config_path: '/mcp.json',
  config_problem: null,
  isolation: 'process-group',
  counts: { servers: 1, running: 1, clients: 0, in_flight: 0 },
}

function whyOf(server: Partial<ServerStatus>): string | undefined {
  const status = { service: SERVICE, servers: [{ ...SERVER, ...server }] }
  const lines = statusTable(status, openScreen({ NO_COLOR: '1' }), Date.parse(SERVER.since))
  return lines.at(-1)?.split('0s  ')[1]
}

it.each([
  [{}, 'It is needed.'],
  [{ withheld: [{ tool: 'a', reason: 'x' }] }, 'It is needed. Tools withheld: a.'],
  [
    { tools_changed: { changed: ['a'], added: [], removed: [] } },
    'It is needed. Its tools have changed: "pilot tools accept one" accepts them.',
  ],
  [{ hidden_characters: ['a', 'b\u200b'] }, 'It is needed. Tools with hidden characters: a, b\\u{200b}.'],
])('says in the row of a server what is the matter with its tools: %j', (server, why) => {
  expect(whyOf(server)).toBe(why)
})
