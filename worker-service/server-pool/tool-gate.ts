import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { ServerDefinition } from './server-definition.ts'
import type { ServerKnowledge } from './server-knowledge.ts'
import { createToolFilter } from './tool-globs.ts'

/** Which tools of a server its clients see and may call. */
export interface ToolGate {
  /** Whether the configuration leaves a tool in. */
  isShown(tool: string): boolean
  /** Which of the tools that the server lists on one page are withheld: their places in it. */
  withheldAmong(listed: readonly unknown[]): Pick<ReadonlySet<number>, 'has'>
  /** Why a tool must not be called; undefined where it may. */
  refuse(tool: string): Failure | undefined
}

// What a client calls may be longer than any name.
const MAX_NAME_SHOWN = 128

/** Makes the gate of a server: its `includeTools` and `excludeTools` hide tools as if there were none of their names, others may be withheld. */
export function createToolGate(
  definition: ServerDefinition,
  knowledge: Pick<ServerKnowledge, 'whyWithheld' | 'withheldAmong'>,
): ToolGate {
  const { name: server } = definition
  const isShown = createToolFilter(definition)
  return {
    isShown,
    withheldAmong: (listed) => knowledge.withheldAmong(server, listed),
    refuse(tool) {
      if (!isShown(tool)) return { code: 'unknown_tool', message: unknownTool(server, tool) }
      const why = knowledge.whyWithheld(server, tool)
      if (why === undefined) return undefined
      const message = `server "${server}": the tool ${JSON.stringify(tool.slice(0, MAX_NAME_SHOWN))} is withheld: ${why}.`
      return { code: 'tool_withheld', message }
    },
  }
}

/** Says that a server has no tool of this name. */
export function unknownTool(server: string, tool: string): string {
  return `server "${server}": there is no tool ${JSON.stringify(tool.slice(0, MAX_NAME_SHOWN))}.`
}
