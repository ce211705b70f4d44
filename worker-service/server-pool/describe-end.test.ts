import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ConnectionEnd } from './connectors/connector.ts'
import { describeEnd } from './describe-end.ts'

const REFUSED = new ServiceError('server_unavailable', 'server "one": it refused the connection.')

describe('the end of a connection', () => {
  it.each<[ConnectionEnd, string]>([
    [{ kind: 'stopped' }, 'it was stopped.'],
    [{ kind: 'input-closed' }, 'it closed its input.'],
    [{ kind: 'exited', code: 3, signal: null }, 'it exited with code 3.'],
    [{ kind: 'exited', code: null, signal: 'SIGKILL' }, 'it was ended by SIGKILL.'],
    [{ kind: 'lost', error: REFUSED }, 'it refused the connection.'],
  ])('%j names its server once', (end, how) => {
    expect(describeEnd('one', end)).toBe(`server "one": ${how}`)
  })
})
