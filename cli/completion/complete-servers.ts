import type { Complete } from '../command.ts'

// Loaded when something is to be completed: quick commands name these and never use them.
const known = () => import('./known-servers.ts')

/** The names of all servers. */
export const completeServers: Complete = async (context) => (await known()).serverNames(context)

/** The names of all servers, and behind a slash those of their tools. */
export const completeServersAndTools: Complete = async (context, _, last) =>
  (await known()).serverNamesOrTools(context, last)

/** The names of the tools of the server that is typed before. */
export const completeTools: Complete = async (context, words) => (await known()).toolNames(context, words)

/** The arguments of the tool that is typed before, or what may stand behind the one that is typed last. */
export const completeArguments: Complete = async (context, words) => (await known()).argumentsOrValues(context, words)
