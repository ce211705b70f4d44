import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ComposeStack } from '../support/compose-stack.ts'
import { dockerIsReady, execInContainer } from '../support/docker.ts'
import { findTools, readinessFromInside } from '../support/worker-http.ts'

// Started away from the image's own packages, so that npx has to fetch it.
const FETCHED = { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory@2026.8.31'], cwd: '/tmp' }
const BROKEN = { command: 'no-such-server' }
const CREATE_ENTITIES = expect.objectContaining({ tool_id: 'graph/create_entities' })
const FETCH_DEADLINE_MS = 180_000

describe.runIf(dockerIsReady())("docker compose up with the user's own mcp.json", () => {
  let folder: string
  let stack: ComposeStack

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilotlight-own-servers-'))
    await chmod(folder, 0o755)
    const mcpJson = join(folder, 'mcp.json')
    await writeFile(mcpJson, JSON.stringify({ mcpServers: { graph: FETCHED, broken: BROKEN } }), { mode: 0o644 })
    const variables = { PILOTLIGHT_MCP_JSON: mcpJson }
    stack = await ComposeStack.up({ services: ['tool-selector', 'worker-service'], variables })
  })

  afterAll(async () => {
    await stack[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('finds the tools of a server that npx fetched into the volume', async () => {
    const [url = ''] = await stack.workerUrls()
    const found = async () => (await findTools(url, 'create entities in the knowledge graph')).answer.details
    await vi.waitFor(
      async () =>
        expect(await found()).toMatchObject({ successful_attachments: expect.arrayContaining([CREATE_ENTITIES]) }),
      { timeout: FETCH_DEADLINE_MS, interval: 500 },
    )
    expect(await execInContainer(await stack.container('tool-selector'), 'ls /home/node/.npm')).toContain('_npx')
  })

  it('names the server that cannot be started and serves the other', async () => {
    const { catalog } = (await readinessFromInside(await stack.container('tool-selector'))).dependencies
    expect(catalog).toMatchObject({
      servers: ['graph'],
      skipped: { broken: expect.stringContaining('no-such-server') },
    })
  })
})
