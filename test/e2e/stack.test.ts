import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Readiness } from '../../shared/contracts/health.ts'
import { ComposeStack, SERVICES } from '../support/compose-stack.ts'
import { docker, dockerIsReady, execInContainer, inspectContainer } from '../support/docker.ts'
import { FrontSession } from '../support/front-session.ts'
import { findTools } from '../support/worker-http.ts'
import { EXAMPLE_CATALOG } from './example-catalog.ts'

const READ_TEXT_FILE = expect.objectContaining({ tool_id: 'filesystem/read_text_file' })
const PATIENCE = { timeout: 120_000, interval: 200 }

describe.runIf(dockerIsReady())('docker compose up', () => {
  let stack: ComposeStack

  beforeAll(async () => {
    stack = await ComposeStack.up()
  })

  afterAll(() => stack[Symbol.asyncDispose]())

  const workerUrl = async () => (await stack.workerUrls())[0] ?? ''
  const openFront = async () => FrontSession.open(await stack.command('run', '--rm', '-T', 'mcp-server'))

  it('starts each service when the one before is healthy', async () => {
    expect(await stack.events()).toEqual([
      'tool-selector start',
      'tool-selector health_status: healthy',
      'worker-service start',
      'worker-service health_status: healthy',
      'mcp-server start',
      'mcp-server health_status: healthy',
    ])
  })

  it('publishes the worker on loopback and nothing else', async () => {
    const ports = async (service: (typeof SERVICES)[number]) => {
      const { NetworkSettings } = await inspectContainer(await stack.container(service))
      return Object.values(NetworkSettings.Ports).filter((bindings) => bindings !== null)
    }
    expect(await ports('tool-selector')).toEqual([])
    expect(await ports('worker-service')).toEqual([[{ HostIp: '127.0.0.1', HostPort: expect.any(String) }]])
    expect(await ports('mcp-server')).toEqual([])
  })

  it('publishes port 3021 unless told otherwise', async () => {
    // The short form is how Compose 1 prints it.
    expect(await new ComposeStack().compose('config')).toMatch(
      /127\.0\.0\.1:3021:3021|host_ip: 127\.0\.0\.1\s[^-]*published: "3021"/,
    )
  })

  it('knows every tool of the example servers without having fetched one', async () => {
    const readiness = async () => (await (await fetch(`${await workerUrl()}/ready`)).json()) as Readiness
    await vi.waitFor(async () => expect((await readiness()).dependencies.catalog).toEqual(EXAMPLE_CATALOG), PATIENCE)
    const fetched = await execInContainer(await stack.container('tool-selector'), 'ls -A /home/node/.npm 2>&1 || true')
    expect(fetched).toContain('No such file or directory')
  })

  it('finds tools over the published port without a token', async () => {
    expect(await findTools(await workerUrl(), 'read a text file')).toMatchObject({
      status: 200,
      answer: { status: 'success', details: { successful_attachments: expect.arrayContaining([READ_TEXT_FILE]) } },
    })
  })

  it.each(SERVICES)('runs %s without rights it does not need', async (service) => {
    const id = await stack.container(service)
    const { HostConfig } = await inspectContainer(id)
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, Init: true })
    expect(HostConfig.Memory).toBeGreaterThan(0)
    expect(HostConfig.PidsLimit).toBeGreaterThan(0)
    const inside = async (line: string) => (await execInContainer(id, line)).split('\n')
    expect(await inside('id -u; id -G')).toEqual(['1000', '1000'])
    expect(await inside('grep -hE "^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs)" /proc/1/status | tr -s "\\t" " "')).toEqual([
      'CapPrm: 0000000000000000',
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'CapAmb: 0000000000000000',
      'NoNewPrivs: 1',
    ])
    expect(await inside('for at in / /app /etc /var/tmp; do touch $at/x 2>&1; done; true')).toEqual(
      ['/', '/app/', '/etc/', '/var/tmp/'].map((at) => expect.stringMatching(`${at}x'?: Read-only file system$`)),
    )
    expect(await inside('command -v curl wget || echo none')).toEqual(['none'])
  })

  it('shares one token, which the front cannot change', async () => {
    const tokens = await Promise.all(
      SERVICES.map(async (service) =>
        execInContainer(
          await stack.container(service),
          'cat /run/pilotlight-token/token; stat -c "%a %u" /run/pilotlight-token/token',
        ),
      ),
    )
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).toMatch(/^\S{43}\n600 1000$/)
    const front = await stack.container('mcp-server')
    expect(await execInContainer(front, 'touch /run/pilotlight-token/x 2>&1 || true')).toContain(
      'Read-only file system',
    )
  })

  it('gives an MCP client a stdio server with docker compose run', async () => {
    await using front = await openFront()
    // A client that asks before the worker has told the front how many there are is notified when it has.
    const description = async () => (await front.client.listTools()).tools[0]?.description
    await vi.waitFor(async () => expect(await description()).toContain(`${EXAMPLE_CATALOG.tools} tools`), PATIENCE)
    expect(await front.findTools('read a text file')).toMatchObject({
      source: 'worker',
      answer: { status: 'success', details: { successful_attachments: expect.arrayContaining([READ_TEXT_FILE]) } },
    })
  })

  it('leaves no container behind when the client leaves', async () => {
    const front = await openFront()
    expect(await stack.runContainers()).toHaveLength(1)
    await front[Symbol.asyncDispose]()
    await vi.waitFor(async () => expect(await stack.runContainers()).toEqual([]), PATIENCE)
  })

  it('answers by a one-shot while the worker is dead, which is no lack of health, and by the worker when it is back', async () => {
    const worker = await stack.container('worker-service')
    await using front = await openFront()
    const before = await front.findTools('read a text file')
    expect(before.source).toBe('worker')
    await docker('kill', worker)
    expect(await front.findTools('read a text file')).toEqual({ ...before, source: 'one-shot' })
    const mcpServer = await stack.container('mcp-server')
    const [, check = 'false'] = (await inspectContainer(mcpServer)).Config.Healthcheck.Test
    await execInContainer(mcpServer, check)
    await docker('start', worker)
    await vi.waitFor(async () => expect(await front.findTools('read a text file')).toEqual(before), PATIENCE)
  })

  it('keeps the worker healthy but not ready while the selector is dead, and fails each call clearly', async () => {
    await using front = await openFront()
    const selector = await stack.container('tool-selector')
    await docker('kill', selector)
    const url = await workerUrl()
    expect((await fetch(`${url}/health`)).status).toBe(200)
    const ready = await fetch(`${url}/ready`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      status: 'not_ready',
      dependencies: { selector: { status: 'not_ready', reason: expect.stringContaining('http://tool-selector:3021') } },
    })
    const { status, answer } = await findTools(url, 'read a text file')
    expect([502, 504]).toContain(status)
    const failure = { status: 'error', code: expect.stringMatching(/^selector_(failed|timeout)$/) }
    expect(answer).toMatchObject(failure)
    expect(await front.findTools('read a text file')).toMatchObject({ source: 'worker', answer: failure })

    await docker('start', selector)
    await vi.waitFor(async () => expect((await findTools(url, 'read a text file')).status).toBe(200), PATIENCE)
    expect((await fetch(`${url}/ready`)).status).toBe(200)
  })

  // Killed after the ten seconds that Docker gives by itself, which would show as 137.
  it.each(SERVICES.toReversed())('stops %s with 0 when it is asked to', async (service) => {
    const id = await stack.container(service)
    await docker('stop', id)
    expect((await inspectContainer(id)).State).toMatchObject({ Status: 'exited', ExitCode: 0 })
  })
})
