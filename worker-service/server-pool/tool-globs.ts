import type { ServerDefinition } from './server-definition.ts'

type ToolGlobs = Pick<ServerDefinition, 'includeTools' | 'excludeTools'>

/** Makes the check whether a tool's name matches one of some globs: `*` stands for any characters, `?` for one, all else for itself. */
export function createGlobCheck(globs: readonly string[]): (name: string) => boolean {
  const patterns = globs.map(toPattern)
  return (name) => patterns.some((pattern) => pattern.test(name))
}

/** Makes the check whether a server's tool is offered: it is included, where anything is, and not excluded. */
export function createToolFilter({ includeTools, excludeTools }: ToolGlobs): (tool: string) => boolean {
  const isIncluded = includeTools.length === 0 ? () => true : createGlobCheck(includeTools)
  const isExcluded = createGlobCheck(excludeTools)
  return (tool) => isIncluded(tool) && !isExcluded(tool)
}

/** Makes the check whether the configuration wants a tool always attached (`pinnedTools`). */
export function createPinnedCheck(servers: readonly ServerDefinition[]): (server: string, tool: string) => boolean {
  const checks = new Map(servers.map(({ name, pinnedTools }) => [name, createGlobCheck(pinnedTools)]))
  return (server, tool) => checks.get(server)?.(tool) ?? false
}

function toPattern(glob: string): RegExp {
  const literal = glob.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`, 'su')
}
