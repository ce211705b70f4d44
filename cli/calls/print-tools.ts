import { withoutServer } from '../../shared/contracts/server-name.ts'
import type { CommandContext } from '../command.ts'
import { escapeLine } from '../output/escape.ts'
import { openScreen } from '../output/screen.ts'
import { cut, widthOf } from '../output/text-width.ts'
import type { HostedTool } from './tool-host.ts'
import { shortDescription } from './tool-usage.ts'

/** The tools of a server, or why they are not known. */
export interface ServerTools {
  readonly server: string
  readonly tools: readonly HostedTool[]
  readonly problem?: string
}

const UNLIMITED_LINE = 140

/** Prints tools, each server's under its name; why those of a server are not known goes to stderr. */
export function printTools(all: readonly ServerTools[], context: CommandContext): void {
  const { style, width } = openScreen(context.variables)
  const lineWidth = Number.isFinite(width) ? width : UNLIMITED_LINE
  const blocks = all
    .filter(({ problem }) => problem === undefined)
    .map(({ server, tools }) => {
      const names = tools.map(({ name }) => escapeLine(name))
      const longest = Math.max(0, ...names.map(widthOf))
      const lines = tools.map((tool, index) => {
        const name = names[index] ?? ''
        const about = cut(shortDescription(tool), Math.max(0, lineWidth - longest - 4))
        return `  ${style.cyan(name)}${' '.repeat(longest - widthOf(name))}  ${style.dim(about)}`.trimEnd()
      })
      return `${[`${style.bold(server)} ${style.dim(`(${tools.length})`)}`, ...lines].join('\n')}\n`
    })
  context.print(blocks.join('\n'))
  for (const { server, problem } of all) {
    if (problem !== undefined) context.tell(`${server}: ${escapeLine(withoutServer(server, problem))}\n`)
  }
}
