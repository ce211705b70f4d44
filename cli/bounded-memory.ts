import type { CommandContext } from './command.ts'

const OPTION = '--max-semi-space-size'
const MEGABYTES = 2

/**
 * Starts this process anew as itself, with a bound to the part of V8's heap where new things lie, unless it has one. Without it V8 lets
 * that part grow to 128 MB under load and gives nothing back; with it a worker takes 50 MB less after 100,000 calls and serves as many
 * a second. V8 takes the bound at the start of a process only. To be called before anything is loaded or opened.
 */
export function boundMemory(variables: CommandContext['variables']): void {
  const { execPath, execArgv, argv } = process
  const isBounded = [...execArgv, variables.NODE_OPTIONS].some((option) => option?.includes(OPTION))
  if (!isBounded) process.execve?.(execPath, [execPath, `${OPTION}=${MEGABYTES}`, ...execArgv, ...argv.slice(1)])
}
