import { SELECTOR_PATHS } from '../../../shared/contracts/selector-paths.ts'
import { ATTACHED } from '../../fixtures/selector/behaviours.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { readJsonBody, serveHttp } from '../../support/remote-server.ts'
import type { Seam, SeamKind } from './seam.ts'

const SELECTOR_TIMEOUT_MS = '5000'

/** Between the worker and a tool-selector API. What it is asked may be asked twice: the same search attaches the same. */
export const SELECTOR_SEAM: SeamKind = {
  title: 'worker and tool selector',
  open: openSelectorSeam,
  allows: () => true,
}

async function openSelectorSeam(seed: number): Promise<Seam> {
  await using stack = new AsyncDisposableStack()
  const executed = new Set<string>()
  const selector = stack.use(
    await serveHttp(async (request, response) => {
      const isAttach = request.url?.startsWith(SELECTOR_PATHS.attach) === true
      // What was cut off or spoilt on its way is no request.
      const { query } = isAttach ? await readJsonBody(request).catch(() => ({ query: undefined })) : {}
      if (isAttach) executed.add(String(query))
      const body = isAttach ? { ...ATTACHED, message: query } : { status: 'healthy', tools: 12, servers: ['github'] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }, ''),
  )
  const port = Number(new URL(selector.url).port)
  const proxy = stack.use(await FaultProxy.open({ port, host: '127.0.0.1' }, { seed }))
  const worker = stack.use(
    await OwnWorker.start(
      {},
      { TOOL_SELECTOR_URL: `http://127.0.0.1:${proxy.port}`, TOOL_SELECTOR_TIMEOUT_MS: SELECTOR_TIMEOUT_MS },
    ),
  )
  const owned = stack.move()
  return {
    title: SELECTOR_SEAM.title,
    proxy,
    async call(token) {
      const response = await fetch(`${worker.url}/find_tools`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: token, agent_id: 'agent' }),
      })
      const { message, code } = (await response.json()) as { message: string; code?: string }
      if (response.ok) return { result: { token: message } }
      // Whether it was searched matters to nobody, as long as it is said what went wrong.
      const isClear =
        (response.status === 502 || response.status === 503 || response.status === 504) && code !== undefined
      return { error: { code: response.status, message, ...(isClear && { data: { delivered: 'unknown' } }) } }
    },
    executed: async () => [...executed],
    strays: () => 0,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
