import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

/** How a server, or what stands for it, is started. */
export interface Command {
  command: string
  args: string[]
  env: Record<string, string>
}

/** Starts a server as the official SDK does, and says hello. `pid` is the process it started. */
export async function openSdkClient(server: Command): Promise<{ client: Client; pid: number }> {
  const client = new Client({ name: 'bench', version: '1' })
  const transport = new StdioClientTransport({ ...server, stderr: 'ignore' })
  await client.connect(transport)
  if (transport.pid === null) throw new Error(`${server.command} is not there any more.`)
  return { client, pid: transport.pid }
}
