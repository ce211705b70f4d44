import type { LettaTool } from './letta-client.ts'

/** What an agent has and shall have. `found` are tools as Letta knows them; `isKept` says of a tool that it is to stay. */
interface Wishes {
  attached: readonly LettaTool[]
  found: readonly LettaTool[]
  isKept: (tool: LettaTool) => boolean
  /** Names of tools that always stay, to the letter. */
  neverDetach: readonly string[]
  /** How many tools of MCP servers the agent is left with at least. */
  minMcpTools: number
}

/** What is to be done, and what stays of what was attached without having been found. */
interface Plan {
  attach: LettaTool[]
  detach: LettaTool[]
  preserved: LettaTool[]
}

/**
 * Decides what is attached to an agent and what is detached. Letta's own tools, and those that its users wrote, are never touched:
 * only tools of MCP servers come and go, and none goes for nothing. Where too few would be left, the last ones of the agent's list stay.
 */
export function planAttachments({ attached, found, isKept, neverDetach, minMcpTools }: Wishes): Plan {
  const wanted = new Set(found.map(({ id }) => id))
  const present = new Set(attached.map(({ id }) => id))
  const attach = found.filter(({ id }) => !present.has(id))
  const ofServers = attached.filter(({ isMcp }) => isMcp)
  const others = ofServers.filter(({ id }) => !wanted.has(id))
  const removable = others.filter((tool) => !neverDetach.includes(tool.name) && !isKept(tool))
  const spare = found.length === 0 ? 0 : Math.max(0, ofServers.length + attach.length - minMcpTools)
  const detach = removable.slice(0, spare)
  return { attach, detach, preserved: others.filter((tool) => !detach.includes(tool)) }
}
