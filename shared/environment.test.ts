import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readEnvironment, workerUrl } from './environment.ts'
import { ServiceError } from './errors/service-error.ts'
import { workerRecordPath } from './worker-record.ts'

const HOME = {
  XDG_RUNTIME_DIR: '/run/me',
  XDG_STATE_HOME: '/state',
  XDG_CACHE_HOME: '/cache',
  XDG_CONFIG_HOME: '/config',
}

function mistakes(variables: Record<string, string>): string {
  try {
    readEnvironment(variables)
  } catch (thrown) {
    if (thrown instanceof ServiceError && thrown.code === 'invalid_configuration') return thrown.message
    throw thrown
  }
  return ''
}

describe('the environment', () => {
  it('has a default for everything', () => {
    expect(readEnvironment(HOME)).toMatchObject({
      configPath: '/config/pilotlight/mcp.json',
      configAlternatives: ['mcp.yaml', 'mcp.yml', 'mcp.toml'].map((name) => `/config/pilotlight/${name}`),
      client: undefined,
      worker: {
        url: undefined,
        host: '127.0.0.1',
        port: undefined,
        requestTimeoutMs: 30_000,
        auth: 'auto',
        allowedHosts: [],
      },
      selector: { url: undefined, timeoutMs: 15_000 },
      findTools: { maxLimit: 25, mode: 'auto', processTimeoutMs: 30_000 },
      folders: { runtime: '/run/me/pilotlight', state: '/state/pilotlight', cache: '/cache/pilotlight' },
      autoStart: undefined,
      logLevel: undefined,
    })
  })

  it('takes an empty value for unset', () => {
    expect(readEnvironment({ ...HOME, WORKER_SERVICE_PORT: '', TOOL_SELECTOR_URL: ' ' })).toEqual(readEnvironment(HOME))
  })

  it('takes the model of an endpoint for embeddings for a mistake where there is no endpoint', () => {
    expect(mistakes({ EMBEDDINGS_MODEL: 'small' })).toContain('EMBEDDINGS_MODEL says nothing without EMBEDDINGS_URL')
    const { embeddings } = readEnvironment({
      ...HOME,
      EMBEDDINGS_URL: 'http://localhost:11434/v1/',
      OPENAI_API_KEY: 'k',
    })
    const model = 'text-embedding-3-small'
    expect(embeddings).toEqual({ url: 'http://localhost:11434/v1', model, apiKey: 'k', timeoutMs: 1_000 })
  })

  it('lists every mistake at once, each with its variable', () => {
    const message = mistakes({
      WORKER_SERVICE_PORT: '70000',
      TOOL_SELECTOR_URL: 'ftp://x',
      FIND_TOOLS_MODE: 'sometimes',
      FIND_TOOLS_MAX_LIMIT: '1.5',
    })
    for (const name of ['WORKER_SERVICE_PORT', 'TOOL_SELECTOR_URL', 'FIND_TOOLS_MODE', 'FIND_TOOLS_MAX_LIMIT']) {
      expect(message).toContain(name)
    }
  })

  it('refuses credentials in a URL without repeating them', () => {
    const message = mistakes({ TOOL_SELECTOR_URL: 'http://user:hunter2@selector' })
    expect(message).toContain('TOOL_SELECTOR_URL')
    expect(message).not.toContain('hunter2')
  })

  it('reads the selector URL by its older name too, and the newer one first', () => {
    const older = { ...HOME, TOOLS_API_BASE_URL: 'http://older/' }
    expect(readEnvironment(older).selector.url).toBe('http://older')
    expect(readEnvironment({ ...older, TOOL_SELECTOR_URL: 'http://newer' }).selector.url).toBe('http://newer')
  })

  it('gives another configuration a runtime folder of its own', () => {
    const one = readEnvironment({ ...HOME, PILOTLIGHT_CONFIG: '/one.json' })
    const two = readEnvironment({ ...HOME, PILOTLIGHT_CONFIG: '/two.json' })
    expect(one.folders.runtime).toMatch(/^\/run\/me\/pilotlight\/config-[0-9a-f]{16}$/)
    expect(one.folders.runtime).not.toBe(two.folders.runtime)
    expect(one.worker.tokenFile).toBe(join(one.folders.runtime, 'token'))
  })

  it('lies in the home of the user where no XDG folder is named', () => {
    const { configPath, folders } = readEnvironment({ HOME: '/home/me', XDG_RUNTIME_DIR: '/run/me' })
    expect(configPath).toBe('/home/me/.config/pilotlight/mcp.json')
    expect(folders.state).toBe('/home/me/.local/state/pilotlight')
    expect(folders.cache).toBe('/home/me/.cache/pilotlight')
  })

  it.each([{}, { HOME: '' }, { HOME: 'relative' }])(
    'asks the system for the home that %j does not name',
    (variables) => {
      expect(readEnvironment({ XDG_RUNTIME_DIR: '/run/me', ...variables }).folders.cache).toBe(
        join(homedir(), '.cache/pilotlight'),
      )
    },
  )

  it('ignores a relative XDG folder, as their specification says', () => {
    expect(readEnvironment({ ...HOME, XDG_CACHE_HOME: 'relative' }).folders.cache).not.toContain('relative')
  })

  it.each([
    [{}, 'http://127.0.0.1:3021'],
    [{ WORKER_SERVICE_URL: 'http://worker-service:3021/' }, 'http://worker-service:3021'],
    [{ WORKER_SERVICE_HOST: '0.0.0.0', WORKER_SERVICE_PORT: '4000' }, 'http://127.0.0.1:4000'],
    [{ WORKER_SERVICE_HOST: '::' }, 'http://[::1]:3021'],
  ])('meets the worker of %j at %s', (variables, url) => {
    expect(workerUrl(readEnvironment({ ...HOME, ...variables }))).toBe(url)
  })

  it.each([
    ['http://127.0.0.1:4001', 'http://127.0.0.1:4001'],
    ['http://0.0.0.0:4001', 'http://127.0.0.1:4001'],
    ['http://[::]:4001', 'http://[::1]:4001'],
  ])('meets a worker that says it is at %s at %s', async (said, url) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'environment-'))
    const environment = readEnvironment({ ...HOME, XDG_RUNTIME_DIR: folder.path, WORKER_SERVICE_PORT: '4000' })
    const { runtime } = environment.folders
    const sockets = { control: join(runtime, 'control.sock'), mcp: join(runtime, 'mcp.sock') }
    const record = { pid: 2, started_at: '2026-01-02', url: said, version: '1', background: true, sockets }
    await mkdir(runtime)
    await writeFile(workerRecordPath(runtime), JSON.stringify(record))
    expect(workerUrl(environment)).toBe(url)
  })
})
