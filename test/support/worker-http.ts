import type { FindToolsAnswer } from '../../shared/contracts/find-tools.ts'
import type { Readiness } from '../../shared/contracts/health.ts'
import { docker } from './docker.ts'

/** Asks a worker for tools over HTTP and resolves with the status and the body of its answer. */
export async function findTools(
  workerUrl: string,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; answer: FindToolsAnswer }> {
  const response = await fetch(`${workerUrl}/find_tools`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, answer: (await response.json()) as FindToolsAnswer }
}

/** What a worker without a published port says about its dependencies, asked from inside its container. */
export async function readinessFromInside(container: string): Promise<Readiness> {
  const ask = "fetch('http://127.0.0.1:3021/ready').then((r) => r.text()).then(console.log)"
  return JSON.parse(await docker('exec', container, 'node', '-e', ask)) as Readiness
}
