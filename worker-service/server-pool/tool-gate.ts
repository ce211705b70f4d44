import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { ServerDefinition } from './server-definition.ts'
import { createToolFilter } from './tool-globs.ts'

/** Which tools of a server its clients see and may call. */
export interface ToolGate {
  /** Whether a tool is shown; undefined where all are, so that no list need be looked into. */
  readonly isShown: ((tool: string) => boolean) | undefined
  /** Why a tool must not be called; undefined where it may. */
  refuse(tool: string): Failure | undefined
}

// What a client calls may be longer than any name.
const MAX_NAME_SHOWN = 128

/** Makes the gate of a server: its `includeTools` and `excludeTools` hide tools as if there were none of their names, others may be withheld. */
export function createToolGate(definition: ServerDefinition, isWithheld: (tool: string) => boolean): ToolGate {
  const { name: server, includeTools, excludeTools } = definition
  const isShown = includeTools.length + excludeTools.length === 0 ? undefined : createToolFilter(definition)
  return {
    isShown,
    refuse(tool) {
      if (isShown?.(tool) === false) return { code: 'unknown_tool', message: unknownTool(server, tool) }
      if (isWithheld(tool)) return { code: 'tool_withheld', message: `The tool ${tool} is withheld.` }
      return undefined
    },
  }
}

/** Says that a server has no tool of this name. */
export function unknownTool(server: string, tool: string): string {
  return `server "${server}": there is no tool ${JSON.stringify(tool.slice(0, MAX_NAME_SHOWN))}.`
}
