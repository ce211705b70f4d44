import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { FindToolsAnswer } from '../../shared/contracts/find-tools.ts'
import { SOURCE_META_KEY } from '../../shared/contracts/find-tools-fields.ts'
import type { CommandLine } from './docker.ts'

/** An MCP client of the official kind, connected to a front that some command line starts. */
export class FrontSession implements AsyncDisposable {
  readonly client = new Client({ name: 'e2e', version: '1.0.0' })

  /** Starts the front and opens a session with it. */
  static async open({ program, programArgs, environment }: CommandLine): Promise<FrontSession> {
    const session = new FrontSession()
    const command = { command: program, args: programArgs, env: environment }
    await session.client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }))
    return session
  }

  /** Calls find_tools. `source` says which path answered. */
  async findTools(query: string): Promise<{ source: unknown; answer: FindToolsAnswer }> {
    const { _meta, structuredContent } = await this.client.callTool({ name: 'find_tools', arguments: { query } })
    return { source: _meta?.[SOURCE_META_KEY], answer: structuredContent as FindToolsAnswer }
  }

  /** Leaves, as a client does that closes the front's input. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.client.close()
  }
}
