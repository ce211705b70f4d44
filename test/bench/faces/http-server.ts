import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Program } from '../../support/program.ts'

const HTTP_SERVER = join(import.meta.dirname, 'sdk-http-server.ts')

/** Starts the bench's server over HTTP, with nothing between it and its clients; it ends with the stack. `folder` is for its log. */
export async function startHttpServer(folder: string, stack: AsyncDisposableStack): Promise<URL> {
  const server = stack.use(new Program({ args: [HTTP_SERVER], variables: {}, stderrPath: join(folder, 'http.log') }))
  const [url] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
  return new URL(url)
}
