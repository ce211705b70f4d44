import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { SCHEMA_PATH, schemaText } from '../../scripts/write-schema.ts'
import { configurationSchema } from './json-schema.ts'
import { readServerDefinitions } from './server-definitions.ts'

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(configurationSchema())

function isRead(document: unknown): boolean {
  const variables = { URL: 'http://a' }
  const read = readServerDefinitions(document, { folder: '/', variables, variablesPath: '/env' })
  return read.kind === 'servers' && read.unusable.length === 0
}

describe('schemas/mcp.schema.json', () => {
  it('is what "npm run schema" writes', async () => {
    expect(await readFile(SCHEMA_PATH, 'utf8')).toBe(schemaText())
  })

  it('describes every member that it offers', () => {
    const nameless: string[] = []
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return
      for (const [name, inner] of Object.entries(schema.properties as Record<string, { description?: string }>)) {
        if (inner.description === undefined && !path.includes('restart') && !path.includes('oauth'))
          nameless.push(`${path}.${name}`)
        walk(inner, `${path}.${name}`)
      }
    }
    const schema = configurationSchema()
    walk(schema, '')
    walk((schema.definitions as Record<string, unknown>).server, 'server')
    expect(nameless).toEqual([])
  })

  it('offers nothing that the README does not name', async () => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
    const { server } = configurationSchema().definitions as Record<string, { properties: object }>
    const restart = Object.keys(
      (server as { properties: { restart: { properties: object } } }).properties.restart.properties,
    )
    const names = [...Object.keys(server?.properties ?? {}), ...restart]
    expect(
      names.filter((name) => !readme.includes(`\`${name}\``) && name !== 'transport' && name !== 'enabled'),
    ).toEqual([])
  })

  it('fits the examples', async () => {
    const example = await readFile(join(import.meta.dirname, '../../examples/mcp.json'), 'utf8')
    expect(validate(JSON.parse(example))).toBe(true)
  })

  it.each([
    { $schema: './mcp.schema.json', mcpServers: {} },
    { mcpServers: { a: { command: 'a', args: ['b'], env: { PORT: 80, ON: true }, restart: { maxCrashes: 2 } } } },
    { mcpServers: { far: { type: 'http', url: '${URL}', oauth: { scopes: ['a'] } } } },
    { pool: { maxSize: 3, keepAliveMinutes: 0.5, share: 'all', apps: ['a'] }, servers: [{ name: 'a', command: 'b' }] },
    { service: { port: 0, logLevel: 'debug', proxies: { a: { command: 'b', timeout: 3 } } }, unknown: 1 },
    { mcpServers: { 'a/b': { command: 'a' } } },
    { mcpServers: { '..': { command: 'a' } } },
    { mcpServers: { 'a.b': { command: 'a' } } },
    { mcpServers: { a: { command: 1 } } },
    { mcpServers: { a: { command: '' } } },
    { mcpServers: { a: { command: 'a', args: 'b' } } },
    { mcpServers: { a: { command: 'a', env: { A: [] } } } },
    { mcpServers: { a: { command: 'a', restart: { maxCrashes: 0 } } } },
    { mcpServers: { a: { url: 'http://a', type: 'pipe' } } },
    { mcpServers: 'npx' },
    { pool: { maxSize: 1.5 } },
    { pool: { share: 'some' } },
    { service: { port: 65_536 } },
    [],
  ])('takes and refuses what the worker does: %j', (document) => {
    expect(validate(document)).toBe(isRead(document))
  })
})
