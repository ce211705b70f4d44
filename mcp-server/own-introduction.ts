import type { ClientIntroduction } from '../shared/client-introduction.ts'
import type { Environment } from '../shared/environment.ts'

/** What a client on the worker's sockets says of itself: the folder it was started in, and who it is where that is known. */
export function ownIntroduction({ client }: Pick<Environment, 'client'>): ClientIntroduction {
  const project = currentFolder()
  return { ...(project !== undefined && { project }), ...(client !== undefined && { client }) }
}

// Undefined where it was removed under us.
function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}
