import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { allRoutes, routeAt } from '../../worker-service/http/routes.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names of strangers that lead here, as with DNS rebinding.
  '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP rebound.example 127.0.0.1',
]

/** Where the listeners of a worker are. */
export interface Target {
  /** `http://127.0.0.1:port` */
  url: string
  /** `host:port` */
  grpcAddress: string
}

/** What a page came to know, though it is none of ours: `method url` of each answer whose body it could read, but for those of /health. */
export interface PageReport {
  read: string[]
  attempts: number
}

/** Opens a page of strangers in Chromium and has it try every route of a worker with everything that a page can send. */
export async function visitHostilePage({ url, grpcAddress }: Target): Promise<PageReport> {
  await using profile = await mkdtempDisposable(join(tmpdir(), 'chromium-'))
  await using site = await servePage()
  const executablePath = '/usr/bin/chromium'
  const context = await chromium.launchPersistentContext(profile.path, { executablePath, headless: true, args: FLAGS })
  try {
    const page = await context.newPage()
    const read: string[] = []
    let attempts = 0
    const { port } = new URL(url)
    const targets = ['127.0.0.1', 'localhost', 'evil.example'].flatMap((name) => routesAt(`http://${name}:${port}`))
    const grpc = METHODS.map((path) => ({ url: `http://${grpcAddress}${path}`, method: 'POST' }))
    for (const name of ['evil.example', 'localhost']) {
      await page.goto(`http://${name}:${site.port}`)
      const report = await page.evaluate(attack, [...targets, ...grpc])
      read.push(...report.read)
      attempts += report.attempts
    }
    // The worker itself under a stranger's name: whatever comes back is of the page's own origin.
    const rebound = `http://rebound.example:${port}`
    const answer = await page.goto(`${rebound}/status`)
    if (answer?.ok() === true) read.push(`GET ${rebound}/status`)
    const report = await page.evaluate(attack, routesAt(rebound))
    return { read: [...read, ...report.read].filter(isSecret), attempts: attempts + report.attempts + 1 }
  } finally {
    await context.close()
  }
}

// Anybody may know that the worker lives.
function isSecret(read: string): boolean {
  return routeAt(new URL(read.split(' ')[1] ?? '').pathname)?.access !== 'health'
}

const METHODS = ['/pilotlight.v1.Pool/Shutdown', '/mcp_daemon.McpDaemon/CallTool']

// The other mount is the same routes, and files of the documentation are but files.
const ROUTES = allRoutes().filter(({ label }) => !/^\/(proxies|docs\/)/.test(label))

function routesAt(base: string): Aim[] {
  return ROUTES.flatMap(({ label, methods }) =>
    methods
      .split(', ')
      .filter((method) => method !== 'DELETE')
      .map((method) => ({ url: base + label.replace('{name}', 'a'), method })),
  )
}

interface Aim {
  url: string
  method: string
}

interface PageElement {
  [property: string]: unknown
  append(...children: PageElement[]): void
  submit(): void
}

// Runs in the page, which has nothing but what stands here.
async function attack(aims: Aim[]): Promise<PageReport> {
  const body = '{"query":"x","tool":"echo"}'
  const inPage = globalThis as unknown as {
    document: { createElement(tag: string): PageElement; body: PageElement }
    navigator: { sendBeacon(url: string, body: unknown): boolean }
    FormData: new () => { append(name: string, value: string): void }
    EventSource: new (url: string) => object
    WebSocket: new (url: string) => object
  }
  const read: string[] = []
  let attempts = 0
  const attempt = async (url: string, init: RequestInit) => {
    attempts++
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(3_000) })
      const text = await response.text()
      if (response.ok && response.type !== 'opaque' && text !== '') read.push(`${init.method} ${url}`)
    } catch {
      // It was not let see anything.
    }
  }
  const inits = (method: string): RequestInit[] => {
    const plain = ['cors', 'no-cors'].map((mode) => ({ method, mode }) as RequestInit)
    if (method === 'GET') return [...plain, { method, mode: 'cors', headers: { authorization: 'Bearer x' } }]
    const typed = (mode: 'cors' | 'no-cors', type: string): RequestInit => ({
      method,
      mode,
      body,
      headers: { 'content-type': type },
    })
    return [
      ...plain.map((init) => ({ ...init, body })),
      ...['text/plain', 'application/x-www-form-urlencoded'].map((type) => typed('no-cors', type)),
      ...['application/json', 'application/grpc'].map((type) => typed('cors', type)),
      { method, mode: 'no-cors', body: new inPage.FormData() as unknown as string },
      { method, mode: 'no-cors', body, credentials: 'include', referrerPolicy: 'no-referrer' },
    ]
  }
  const embed = (tag: string, url: string) => {
    const element = inPage.document.createElement(tag)
    if (tag === 'link') Object.assign(element, { rel: 'stylesheet', href: url })
    else element.src = url
    inPage.document.body.append(element)
    attempts++
  }
  const submit = (url: string) => {
    for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const frame = Object.assign(inPage.document.createElement('iframe'), { name: `frame-${attempts}` })
      const form = Object.assign(inPage.document.createElement('form'), {
        action: url,
        method: 'POST',
        enctype,
        target: frame.name,
      })
      form.append(Object.assign(inPage.document.createElement('input'), { name: '{"query":"', value: '"}' }))
      inPage.document.body.append(frame, form)
      form.submit()
      attempts++
    }
  }
  for (const { url, method } of aims) {
    await Promise.all(inits(method).map((init) => attempt(url, init)))
    if (method === 'GET') for (const tag of ['img', 'script', 'link', 'iframe']) embed(tag, url)
    else submit(url)
    if (method !== 'GET') inPage.navigator.sendBeacon(url, body)
    attempts++
  }
  const opened: object[] = []
  for (const { url } of aims.filter(({ method }) => method === 'GET')) {
    opened.push(new inPage.EventSource(`${url}?stream=1`), new inPage.WebSocket(url.replace('http', 'ws')))
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
  return { read, attempts: attempts + opened.length }
}

async function servePage() {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title><body></body>')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await server[Symbol.asyncDispose]()
    },
  }
}
