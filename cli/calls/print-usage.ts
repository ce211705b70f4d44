import { ServiceError } from '../../shared/errors/service-error.ts'
import { nearestNames } from '../../shared/nearest-name.ts'
import type { CommandContext } from '../command.ts'
import { escapeText } from '../output/escape.ts'
import type { TypedCall } from './parse-calls.ts'
import type { ToolHost } from './tool-host.ts'
import { toolUsage } from './tool-usage.ts'

/** Prints what the tools that are typed do and how they are called. Throws `unknown_tool` with the names that may have been meant. */
export async function printUsage(
  calls: readonly TypedCall[],
  { host, context }: { host: ToolHost; context: CommandContext },
): Promise<void> {
  for (const { server, tool } of calls) {
    const tools = await host.tools(server)
    const found = tools.find(({ name }) => name === tool)
    if (found === undefined)
      throw unknownTool(
        `${server}/${tool}`,
        nearestNames(
          tool,
          tools.map(({ name }) => name),
        ),
      )
    const about = escapeText(found.description ?? found.title ?? '').trim()
    context.print(
      `${server}/${escapeText(found.name)}\n${about === '' ? '' : `\n${about}\n`}\n${toolUsage(server, found)}`,
    )
  }
}

function unknownTool(id: string, nearest: readonly string[]): ServiceError {
  const guess = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`
  return new ServiceError('unknown_tool', `There is no tool ${JSON.stringify(id)}.${guess}`)
}
