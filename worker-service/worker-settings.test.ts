import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../shared/environment.ts'
import { DEFAULT_SERVICE_SETTINGS } from './config/service-settings.ts'
import { resolveWorkerSettings } from './worker-settings.ts'

const NO_SERVERS = { path: '/mcp.json', exists: true, servers: [], unusable: [], disabled: [], limits: { maxSize: 10 } }

function resolve(
  variables: Record<string, string>,
  service: object = {},
  mode: 'foreground' | 'background' = 'background',
) {
  const configuration = { ...NO_SERVERS, warnings: [], service: { ...DEFAULT_SERVICE_SETTINGS, ...service } }
  return resolveWorkerSettings(readEnvironment(variables), configuration, mode)
}

describe('resolveWorkerSettings', () => {
  it('has what is usual where nothing is said', () => {
    expect(resolve({})).toEqual({
      port: 3021,
      orAnyPort: true,
      logLevel: 'info',
      autoStart: true,
    })
  })

  it('prefers what the configuration says', () => {
    const service = { port: 4_000, logLevel: 'debug', autoStart: false }
    expect(resolve({}, service)).toMatchObject({ port: 4_000, orAnyPort: false, logLevel: 'debug', autoStart: false })
  })

  it('prefers what the environment says above all', () => {
    const variables = { WORKER_SERVICE_PORT: '0', WORKER_LOG_LEVEL: 'warn', WORKER_AUTO_START: 'true' }
    const service = { port: 4_000, logLevel: 'debug', autoStart: false }
    expect(resolve(variables, service)).toMatchObject({ port: 0, orAnyPort: false, logLevel: 'warn', autoStart: true })
  })

  it('keeps to its port in the foreground', () => {
    expect(resolve({}, {}, 'foreground')).toMatchObject({ port: 3021, orAnyPort: false })
  })
})
