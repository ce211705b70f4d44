import { join } from 'node:path'
import { loadServerConfiguration } from '../../worker-service/config/server-configuration.ts'
import { createConnector } from '../../worker-service/server-pool/connectors/open-connection.ts'
import { openSession } from '../../worker-service/server-pool/server-session.ts'

type Variables = Record<string, string>

/** Calls a tool without arguments on a server of the configuration, and resolves with the text it answers. */
export async function callThroughConnector(variables: Variables, serverName: string, tool: string): Promise<string> {
  const path = variables.PILOTLIGHT_CONFIG ?? ''
  const { servers } = loadServerConfiguration({ path, variablesPath: join(path, '../env'), variables })
  const definition = servers.find(({ name }) => name === serverName)
  if (definition === undefined) throw new Error(`${path} configures no server "${serverName}".`)
  const signal = AbortSignal.timeout(definition.startTimeoutMs)
  await using session = await openSession(definition, createConnector({ variables }), signal)
  const { content } = (await session.callTool(tool, {}, signal)) as { content: { text?: string }[] }
  return content.map(({ text = '' }) => text).join('\n')
}
