import { LATEST_PROTOCOL_VERSION, negotiateVersion } from '../frames/protocol-version.ts'
import { VERSION } from '../version.ts'

const SERVER_INFO = { name: 'pilotlight', title: 'Pilotlight', version: VERSION } as const

const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
} as const
// For the client's model.
const INSTRUCTIONS =
  'Call find_tools with what you want to do before you look for a tool elsewhere: it searches the tools of every connected MCP server and attaches the best matches.'

/**
 * The result of initialize, JSON text, whichever process answers it, for a client that offers this version. No server has a part in it:
 * what they can do shows in the lists.
 */
export function greetingResult(offeredVersion: string): string {
  return JSON.stringify({
    protocolVersion: negotiateVersion(offeredVersion, LATEST_PROTOCOL_VERSION),
    capabilities: CAPABILITIES,
    serverInfo: SERVER_INFO,
    instructions: INSTRUCTIONS,
  })
}
