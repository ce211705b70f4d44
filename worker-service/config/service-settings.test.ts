import { describe, expect, it } from 'vitest'
import { readServerDefinitions } from './server-definitions.ts'

function parse(service: unknown) {
  return readServerDefinitions({ service }, { folder: '/', variables: {}, variablesPath: '/env' })
}

describe('the service section', () => {
  it.each([
    [
      {},
      {
        autoStart: true,
        autoShutdownMs: 600_000,
        port: undefined,
        logLevel: undefined,
        grpcPort: undefined,
        isDirect: false,
      },
    ],
    [
      { autoStart: false, autoShutdownMinutes: 0.5 },
      { autoStart: false, autoShutdownMs: 30_000 },
    ],
    [{ auto_shutdown_minutes: 0 }, { autoStart: true, autoShutdownMs: undefined }],
    [
      { port: 4000, log_level: 'debug', grpc_port: 50_051 },
      { port: 4000, logLevel: 'debug', grpcPort: 50_051 },
    ],
  ])('reads what %j says of the worker', (service, expected) => {
    expect(parse(service)).toMatchObject({ service: expected })
  })

  it('says what is wrong with what is said of the worker', () => {
    const service = { port: 65_536, logLevel: 'loud', autoShutdownMinutes: -1, autostart: true }
    expect(parse(service)).toMatchObject({
      mistakes: [
        { path: ['service', 'port'], text: '"service.port" must be a whole number from 0 to 65535' },
        expect.objectContaining({
          text: '"service.logLevel" must be one of trace, debug, info, warn, error, fatal, silent',
        }),
        expect.objectContaining({ text: '"service.autoShutdownMinutes" must be a number from 0 to 10080' }),
      ],
    })
  })
})
