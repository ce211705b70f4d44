/** What the conformance suite tells a client program: the scenario, the server's URL, and whatever else the scenario needs. */
export interface Scenario {
  name: string
  url: string
  context: Record<string, string | undefined>
}

/** Reads the scenario that the suite gives in the arguments and the environment. */
export function readScenario(
  variables: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Scenario {
  const url = args.at(-1)
  const name = variables.MCP_CONFORMANCE_SCENARIO
  if (url === undefined || name === undefined) throw new Error('To be run by the conformance suite, with a URL.')
  const context = JSON.parse(variables.MCP_CONFORMANCE_CONTEXT ?? '{}') as Scenario['context']
  return { name, url, context }
}

/** The tool that a scenario has called; undefined where listing the tools is all. */
export function toolOf({ name }: Scenario): { name: string; arguments: Record<string, unknown> } | undefined {
  if (name === 'initialize') return undefined
  if (name === 'tools_call') return { name: 'add_numbers', arguments: { a: 5, b: 3 } }
  if (name === 'sse-retry') return { name: 'test_reconnection', arguments: {} }
  if (name === 'elicitation-sep1034-client-defaults') return { name: 'test_client_elicitation_defaults', arguments: {} }
  return { name: 'test-tool', arguments: {} }
}

/** A document that describes a client; the suite knows it, and nothing is fetched from there. */
export const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json'

/** Where a browser would come back to; nobody listens there, as the redirect is read instead of followed. */
export const REDIRECT_URL = 'http://localhost:3000/callback'

/** Logs in as somebody in a browser would who says yes: the URL that the login page sends back to. */
export async function visitLoginPage(authorizationUrl: URL): Promise<URL> {
  const answer = await fetch(authorizationUrl, { redirect: 'manual' })
  const location = answer.headers.get('location')
  if (location === null) throw new Error(`The login page answered with ${answer.status} and no redirect.`)
  return new URL(location)
}
