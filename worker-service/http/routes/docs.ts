import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hono } from 'hono'
import type { AppEnv } from '../create-app.ts'
import { JSON_HEADERS } from '../error-response.ts'

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Pilotlight API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null })\n`

// Everything comes from this worker, so that the page works without the internet and can send nothing elsewhere.
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

/** `GET /openapi.json` and the page over it at `/docs`. */
export function docsRoutes(app: Hono<AppEnv>, docsFolder: string): void {
  const document = memoized(describeRoutes)
  app.get('/openapi.json', async () => new Response(await document(), { status: 200, headers: JSON_HEADERS }))
  app.get('/docs', () => page(PAGE, 'text/html; charset=utf-8'))
  app.get('/docs/start.js', () => page(START, 'text/javascript; charset=utf-8'))
  for (const [file, type] of [
    ['swagger-ui.css', 'text/css; charset=utf-8'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ] as const) {
    app.get(`/docs/${file}`, async () => page(await readFile(join(docsFolder, file)), type))
  }
}

async function describeRoutes(): Promise<string> {
  // Loaded here, with zod: most workers are never asked, and it is a tenth of what they would hold in memory.
  const { createOpenApiDocument } = await import('../openapi.ts')
  return JSON.stringify(createOpenApiDocument())
}

function page(body: string | Uint8Array<ArrayBuffer>, contentType: string): Response {
  const headers = {
    'content-type': contentType,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
  }
  return new Response(body, { status: 200, headers })
}

function memoized<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
