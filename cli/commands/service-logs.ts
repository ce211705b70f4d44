import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { escapeLine } from '../output/escape.ts'
import { openScreen, type Paint, type Style } from '../output/screen.ts'
import { askForServers, SERVER_OPTIONS, SERVER_POSITIONALS } from '../servers/select-servers.ts'
import { WorkerAccess } from '../worker/worker-access.ts'
import { workerEvents } from '../worker/worker-events.ts'

const PREFIX_COLOURS: readonly (keyof Style)[] = ['cyan', 'green', 'yellow', 'bold']

/** What servers have said, and what became of them. */
export const command = defineCommand({
  summary: 'print the error output of servers and what became of them, each line behind its server',
  positionals: SERVER_POSITIONALS,
  options: {
    follow: { type: 'flag', short: 'f', summary: 'go on with what is added, until Ctrl-C or the end of the worker' },
    lines: { type: 'text', short: 'n', value: 'n', summary: 'how many of the last lines of each (default 50)' },
    ...SERVER_OPTIONS,
  },
  examples: [
    { line: 'pilot service logs', does: 'the last lines of every server' },
    { line: 'pilot service logs github --follow', does: 'one server, live' },
    { line: 'pilot service logs --except noisy -f -n 0', does: 'what all others say from now on' },
  ],
  async run(input, context) {
    const worker = new WorkerAccess(context, 'refuse')
    const selected = await askForServers(worker, input)
    // What has no name that a server can have was never started.
    const names = selected.map(({ name }) => name).filter((name) => SERVER_NAME.test(name))
    const lines = encodeURIComponent(input.options.lines ?? '50')
    const print = createPrinter(names, context)
    if (input.options.follow) return followAll(names, { lines, print, context })
    for (const name of names) {
      const text = await worker.ask({ method: 'GET', path: `/servers/${name}/logs?lines=${lines}` })
      for (const line of text.split('\n')) if (line !== '') print(name, line)
    }
  },
})

interface Followed {
  readonly lines: string
  readonly print: (server: string, line: string) => void
  readonly context: CommandContext
}

async function followAll(names: readonly string[], { lines, print, context }: Followed): Promise<void> {
  const environment = context.environment()
  const { signal } = context
  await Promise.all(
    names.map(async (name) => {
      const path = `/servers/${name}/logs?follow=1&lines=${lines}`
      for await (const line of workerEvents(environment, path, signal)) print(name, line)
    }),
  )
  context.tell('The worker has ended.\n')
}

function createPrinter(names: readonly string[], context: CommandContext): Followed['print'] {
  const { style } = openScreen(context.variables)
  const width = Math.max(0, ...names.map((name) => name.length))
  const paints = new Map(
    names.map((name, index) => [name, style[PREFIX_COLOURS[index % PREFIX_COLOURS.length] ?? 'bold']]),
  )
  const paintOf = (name: string): Paint => paints.get(name) ?? ((text) => text)
  return (name, line) => context.print(`${paintOf(name)(`${name.padEnd(width)} │`)} ${escapeLine(line)}\n`)
}
