import { startLogin } from '../../worker-service/server-pool/connectors/remote/oauth/login.ts'
import type { RemoteServerDefinition } from '../../worker-service/server-pool/server-definition.ts'

/** Where a browser is sent back to; nobody listens there. */
export const REDIRECT_URL = 'http://127.0.0.1:4567/callback'

const NEVER = new AbortController().signal

/** Logs in to a server as somebody with a browser does, and keeps the login in a folder. */
export async function logInTo(definition: RemoteServerDefinition, loginFolder: string): Promise<void> {
  const login = await startLogin(definition, { loginFolder, redirectUrl: REDIRECT_URL }, NEVER)
  await login.finish(await visit(login.authorizationUrl), NEVER)
}

/** Where a login page sends a browser back to. */
export async function visit(page: URL): Promise<URL> {
  const { headers } = await fetch(page, { redirect: 'manual' })
  return new URL(headers.get('location') ?? '')
}
