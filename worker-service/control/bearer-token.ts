import { hash, timingSafeEqual } from 'node:crypto'
import { ServiceError } from '../../shared/errors/service-error.ts'

/** Looks at an `authorization` header, undefined where there is none. Throws `unauthenticated` unless it carries the token. */
export type TokenCheck = (authorization: string | undefined) => void

const SCHEME = 'Bearer '
// The name of a scheme is written in any case (RFC 9110, 11.1).
const ANY_CASE = /^bearer /i

/** Makes the check of a token. It goes over digests, so that neither the length nor the first wrong byte shows in the time it takes. */
export function createTokenCheck(token: string): TokenCheck {
  const expected = digest(`${SCHEME}${token}`)
  return (authorization) => {
    const sent = authorization?.replace(ANY_CASE, SCHEME)
    if (sent !== undefined && timingSafeEqual(digest(sent), expected)) return
    throw new ServiceError(
      'unauthenticated',
      'A token is needed: send "Authorization: Bearer <token>" with the worker\'s token (PILOTLIGHT_TOKEN or its token file).',
    )
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
