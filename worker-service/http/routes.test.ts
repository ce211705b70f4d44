import { expect, it } from 'vitest'
import { mcpTargetOf, serverOf } from './routes.ts'

it.each(['.', '..'])('takes %s in a path for no server', (name) => {
  expect(mcpTargetOf(`/mcp/${name}`)).toBeUndefined()
  expect(serverOf(`/servers/${name}/tools`)).toBeUndefined()
})

it('takes a name with dots in a path for a server', () => {
  expect(mcpTargetOf('/mcp/a.b')).toEqual({ server: 'a.b' })
  expect(serverOf('/servers/.../tools')).toBe('...')
})
