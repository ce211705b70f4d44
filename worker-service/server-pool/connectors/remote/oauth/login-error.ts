import type { ErrorCode } from '../../../../../shared/errors/error-code.ts'
import { ServiceError } from '../../../../../shared/errors/service-error.ts'
import { LastWords } from '../../last-words.ts'
import { RemoteError } from '../remote-failure.ts'
import type { StoredLogin } from './login-store.ts'

interface FailedLogin {
  code: ErrorCode
  problem: string
  cause: unknown
  /** What must not be quoted. */
  secrets: readonly string[]
}

/** The error for a login that did not come about. What the other side said is quoted without anything of the login in it. */
export function loginError(name: string, { code, problem, cause, secrets }: FailedLogin): ServiceError {
  if (cause instanceof ServiceError) return cause
  const words = new LastWords(secrets)
  words.push(Buffer.from(cause instanceof Error ? cause.message : ''))
  const [said] = words.lines()
  // The cause itself may quote what must not be shown, so it goes no further.
  return new RemoteError(code, `server "${name}": ${problem}${said === undefined ? '' : ` (${said})`}`, {
    delivered: 'no',
  })
}

/** What of a login must never be shown. */
export function secretsOf({ tokens, client }: StoredLogin): string[] {
  const secrets = [tokens?.access_token, tokens?.refresh_token, tokens?.id_token, client?.client_secret]
  return secrets.filter((secret) => secret !== undefined)
}
