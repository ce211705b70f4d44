import { heapBound } from '../shared/heap-bound.ts'
import type { CommandContext } from './command.ts'

/** Starts this process anew as itself, with a bound to its heap, unless it has one. To be called before anything is loaded or opened. */
export function boundMemory(variables: CommandContext['variables']): void {
  const { execPath, execArgv, argv } = process
  const bound = heapBound([...execArgv, variables.NODE_OPTIONS])
  if (bound.length > 0) process.execve?.(execPath, [execPath, ...bound, ...execArgv, ...argv.slice(1)])
}
