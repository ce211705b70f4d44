import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type SourceFile, violations } from './import-rules.ts'

const ROOT = join(import.meta.dirname, '../..')
const ROOMS = '{shared,worker-service,mcp-server,cli}/**/*.ts'
const sources: SourceFile[] = globSync(ROOMS, { cwd: ROOT })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

describe('the house', () => {
  it('has sources to look at', () => {
    expect(sources.length).toBeGreaterThan(30)
  })

  it('keeps its import rules', () => {
    expect(violations(sources)).toEqual([])
  })

  it.each([
    ['shared imports nothing of ours', 'shared/planted.ts', `import { main } from '../cli/main.ts'`],
    [
      'mcp-server imports shared only',
      'mcp-server/planted.ts',
      `import type { X } from '../worker-service/service.ts'`,
    ],
    [
      'cli imports shared, and the programs it runs',
      'cli/planted.ts',
      `import { x } from '../worker-service/http/guard.ts'`,
    ],
    ['worker-service imports itself and shared', 'worker-service/planted.ts', `export { x } from '../cli/main.ts'`],
    [
      'the aggregator is above the core',
      'worker-service/routing/planted.ts',
      `import type { X } from '../aggregator/aggregator.ts'`,
    ],
    [
      'the aggregator knows the types of server-pool only',
      'worker-service/aggregator/planted.ts',
      `import { x } from '../server-pool/server-pool.ts'`,
    ],
    ['the core knows no edge', 'worker-service/tool-selection/planted.ts', `import { x } from '../http/guard.ts'`],
    [
      'the core knows no edge',
      'worker-service/server-pool/deep/planted.ts',
      `const x = await import('../../config/x.ts')`,
    ],
    [
      'tool-catalog is below tool-selection',
      'worker-service/tool-catalog/planted.ts',
      `import { x } from '../tool-selection/x.ts'`,
    ],
    ['control knows no face', 'worker-service/control/planted.ts', `import { x } from '../http/guard.ts'`],
    [
      'routing imports types, and what is pure in shared',
      'worker-service/routing/planted.ts',
      `import { readFile } from 'node:fs'`,
    ],
    [
      'routing imports types, and what is pure in shared',
      'worker-service/routing/planted.ts',
      `import { parseEnvironment } from '../../shared/environment.ts'`,
    ],
    [
      'only spawners touch node:child_process',
      'worker-service/planted.ts',
      `import { spawn } from 'node:child_process'`,
    ],
    ['only http imports hono', 'worker-service/planted.ts', `import { Hono } from 'hono'`],
    ['only http imports hono', 'shared/planted.ts', `import { serve } from '@hono/node-server'`],
    ['only grpc imports @grpc', 'worker-service/planted.ts', `import { Server } from '@grpc/grpc-js'`],
    ['only environment.ts and main files see process.env', 'shared/planted.ts', `const port = process.env.PORT`],
    ['no default exports and no barrels', 'shared/planted.ts', 'export default 1'],
    ['no default exports and no barrels', 'shared/planted.ts', `export * from './environment.ts'`],
  ])('notices a breach of "%s" in %s', (rule, path, text) => {
    expect(violations([...sources, { path, text }])).toEqual([expect.stringContaining(`${path}: ${rule}: `)])
  })

  it('notices a cycle', () => {
    const one = { path: 'shared/one.ts', text: `import { two } from './two.ts'` }
    const two = { path: 'shared/two.ts', text: `import { one } from './one.ts'` }
    expect(violations([...sources, one, two])).toEqual([
      'shared/one.ts: no import cycles: shared/one.ts → shared/two.ts → shared/one.ts',
    ])
  })

  it('takes a cycle of types for none', () => {
    const one = { path: 'shared/one.ts', text: `import type { Two } from './two.ts'` }
    const two = { path: 'shared/two.ts', text: `import { one } from './one.ts'` }
    expect(violations([...sources, one, two])).toEqual([])
  })
})
