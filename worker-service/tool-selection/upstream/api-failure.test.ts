import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { resolveSelectorSite } from '../selectors/selector-site.ts'
import { toExchangeError } from './api-failure.ts'

const site = resolveSelectorSite({ baseUrl: 'http://selector:8020' })

function failure(code: string, answered = false) {
  return toExchangeError(Object.assign(new Error('internal text'), { code }), { site, timeoutMs: 100, answered })
}

describe('what an exchange failed with', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])(
    'may be repeated after %s before an answer',
    (code) => {
      expect(failure(code)).toMatchObject({ code: 'selector_failed', point: 'connection', repeatable: true })
    },
  )

  it.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])(
    'may not be repeated after %s in the middle of an answer',
    (code) => {
      expect(failure(code, true)).toMatchObject({ code: 'selector_failed', point: 'connection', repeatable: false })
    },
  )

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'CERT_HAS_EXPIRED'])('may not be repeated after %s', (code) => {
    expect(failure(code)).toMatchObject({ code: 'selector_failed', point: 'connection', repeatable: false })
  })

  it.each(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'])(
    'is a timeout after %s',
    (code) => {
      expect(failure(code)).toMatchObject({ code: 'selector_timeout', point: 'deadline', repeatable: false })
    },
  )

  it.each(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])('is our own stop after %s', (code) => {
    expect(failure(code)).toMatchObject({ code: 'shutting_down' })
  })

  it('names the code of what it does not know, and shows none of its text', () => {
    expect(failure('CERT_HAS_EXPIRED').message).toBe(
      'Tool selector at http://selector:8020 could not be reached (CERT_HAS_EXPIRED).',
    )
  })

  it('is passed on where it is a service error already', () => {
    const error = new ServiceError('cancelled', 'The client went away.')
    expect(toExchangeError(error, { site, timeoutMs: 100, answered: false })).toBe(error)
  })
})
