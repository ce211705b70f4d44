import { fingerprint } from '../../shared/fingerprint.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
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
}

/** A listing as it is remembered. */
export interface RememberedListing extends Omit<ServerListing, 'withheld'> {
  /** Another one wherever anything else differs. */
  fingerprint: string
}

/** A listing without what is withheld, ready to be remembered. */
export function toRemembered({ title, description, tools }: ServerListing): RememberedListing {
  const told = { title, description, tools }
  return { ...told, fingerprint: fingerprint(JSON.stringify(told)) }
}

/** Asks a server for its tools and leaves nothing of it running. Rejects with a ServiceError, or the signal's reason. */
export type ListServer = (definition: ServerDefinition, signal: AbortSignal) => Promise<ServerListing>
