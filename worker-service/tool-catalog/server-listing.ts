import { fingerprint } from '../../shared/fingerprint.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { ServerAnswers } from './server-answers.ts'
import type { ToolDefinition } from './tool-catalog.ts'

/** A tool that cannot be offered, and why. `name` is as the server sent it, or its place in the list (`#3`) when it has none. */
export interface WithheldTool {
  name: string
  reason: string
}

/** What a server says of itself and its tools; broken tools are withheld alone. */
export interface ServerListing {
  title: string | undefined
  description: string | undefined
  tools: ToolDefinition[]
  withheld: WithheldTool[]
  /** What it answered to initialize and tools/list. */
  answers: ServerAnswers
}

/** A listing as it is remembered. */
export interface RememberedListing extends Omit<ServerListing, 'answers'> {
  /** Another one wherever anything else differs. */
  fingerprint: string
}

/** A listing ready to be remembered. */
export function toRemembered({
  title,
  description,
  tools,
  withheld,
}: Omit<ServerListing, 'answers'>): RememberedListing {
  const told = { title, description, tools }
  return { ...told, withheld, fingerprint: fingerprint(JSON.stringify(told)) }
}

/** Asks a server for its tools and leaves nothing of it running. Rejects with a ServiceError, or the signal's reason. */
export type ListServer = (definition: ServerDefinition, signal: AbortSignal) => Promise<ServerListing>

/** Asks a server that runs for what it has besides tools; what it does not list is left out. Rejects as {@link ListServer} does. */
export type ListRest = (definition: ServerDefinition, signal: AbortSignal) => Promise<ServerAnswers>
