import { VERSION } from '../version.ts'

/** Who MCP clients speak with, whichever process answers them. */
export const SERVER_INFO = { name: 'pilotlight', title: 'Pilotlight', version: VERSION } as const

/** What MCP clients are told about the use of it, for their model. */
export const INSTRUCTIONS =
  'Call find_tools with what you want to do before you look for a tool elsewhere: it searches the tools of every connected MCP server and attaches the best matches.'
