import { timingSafeEqual } from 'node:crypto'
import { ServiceError } from '../../shared/errors/service-error.ts'

/** Looks at an `authorization` header, undefined where there is none. Throws `unauthenticated` unless it carries the token. */
export type TokenCheck = (authorization: string | undefined) => void

// What is compared is filled up to a multiple of this.
const STEP_BYTES = 256
const LENGTH_BYTES = 4

/** Makes the check of a token. Neither the first wrong byte shows in the time it takes nor, but for steps of 256 bytes, the token's length. */
export function createTokenCheck(token: string): TokenCheck {
  const wanted = `Bearer ${token}`
  const size = Math.ceil((LENGTH_BYTES + Buffer.byteLength(wanted)) / STEP_BYTES) * STEP_BYTES
  const expected = layOut(wanted, Buffer.alloc(size))
  const given = Buffer.alloc(size)
  return (authorization) => {
    if (authorization !== undefined && timingSafeEqual(layOut(authorization, given), expected)) return
    throw new ServiceError(
      'unauthenticated',
      'A token is needed: send "Authorization: Bearer <token>" with the worker\'s token (PILOTLIGHT_TOKEN or its token file).',
    )
  }
}

/** Its length, as much of it as there is room for, then zeros. */
function layOut(text: string, place: Buffer): Buffer {
  place.fill(0)
  place.writeUInt32LE(Buffer.byteLength(text))
  place.write(text, LENGTH_BYTES)
  return place
}
