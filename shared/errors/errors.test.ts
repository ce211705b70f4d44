import { describe, expect, it, vi } from 'vitest'
import { fromErrorBody, toErrorBody } from '../contracts/error-body.ts'
import { ERROR_CODES } from './error-code.ts'
import { ServiceError } from './service-error.ts'

describe('a ServiceError', () => {
  it.each(ERROR_CODES)('%s is the same error again after a trip over the wire', (code) => {
    const error = new ServiceError(code, 'Why it failed.', { retryAfterMs: 250, details: { server: 'x' } })
    const back = fromErrorBody(JSON.parse(JSON.stringify(toErrorBody(error))))
    expect(back).toMatchObject({ code, message: 'Why it failed.', retryAfterMs: 250, details: { server: 'x' } })
  })

  it('tells nobody what an unexpected error said', () => {
    const body = toErrorBody(ServiceError.from(new Error('password=hunter2 at /home/me/x.ts')))
    expect(body).toEqual({ status: 'error', code: 'internal', message: 'An unexpected error occurred.', details: null })
  })

  it('keeps the unexpected error as its cause, for the log', () => {
    const cause = new TypeError('x is undefined')
    expect(ServiceError.from(cause).cause).toBe(cause)
  })

  it('is one for a program with another copy of the class', async () => {
    vi.resetModules()
    const { ServiceError: Copy } = await import('./service-error.ts')
    const error = new Copy('selector_failed', 'Why it failed.')
    expect(error).not.toBeInstanceOf(ServiceError)
    expect(ServiceError.from(error)).toBe(error)
  })

  it('is cancelled where an AbortError was thrown', () => {
    expect(ServiceError.from(new DOMException('gone', 'AbortError')).code).toBe('cancelled')
  })

  it.each([
    null,
    'text',
    {},
    { status: 'error', code: 'made_up', message: 'x' },
    { status: 'error', code: 'internal' },
  ])('is not read from %j', (value) => {
    expect(fromErrorBody(value)).toBeUndefined()
  })
})
