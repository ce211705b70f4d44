import type { Status } from '../../shared/contracts/server-status.ts'
import { type CommandContext, type CommandInput, defineCommand } from '../command.ts'
import { openScreen } from '../output/screen.ts'
import { WorkerAccess } from '../worker/worker-access.ts'
import { workerEvents } from '../worker/worker-events.ts'
import { SERVER_OPTIONS, SERVER_POSITIONALS, selectServers } from './select-servers.ts'
import { statusTable } from './status-table.ts'

const OPTIONS = {
  json: { type: 'flag', summary: 'print it as JSON; with --watch one line for each change' },
  watch: { type: 'flag', short: 'w', summary: 'show it anew whenever it changes, until Ctrl-C' },
  ...SERVER_OPTIONS,
} as const

const SUMMARY = 'show the service and its servers: state, clients, calls, and why they are as they are'
const HOME_AND_CLEAR = '\x1b[H\x1b[J'
// The worker tells of changes; that time passes shows in between.
const TICK_MS = 1_000

/** What is typed for the status of the service, which stands under two names. */
export function statusCommand(words: string) {
  return defineCommand({
    summary: words === 'status' ? SUMMARY : 'the same as "pilot status"',
    positionals: SERVER_POSITIONALS,
    options: OPTIONS,
    examples: [
      { line: `pilot ${words}`, does: 'a row for each server' },
      { line: `pilot ${words} github --watch`, does: 'one server, live' },
      { line: `pilot ${words} --json | jq '.servers[] | select(.state == "failed")'`, does: 'for programs' },
    ],
    run: (input, context) => (input.options.watch ? watchStatus(input, context) : showStatus(input, context)),
  })
}

type Input = CommandInput<typeof OPTIONS>

async function showStatus(input: Input, context: CommandContext): Promise<void> {
  const answer = await new WorkerAccess(context, 'refuse').ask({ method: 'GET', path: '/status' })
  const status = selected(JSON.parse(answer) as Status, input)
  if (input.options.json) return context.print(`${JSON.stringify(status, undefined, 2)}\n`)
  context.print(toText(statusTable(status, openScreen(context.variables), Date.now())))
}

async function watchStatus(input: Input, context: CommandContext): Promise<void> {
  const { signal, variables } = context
  let shown: Status | undefined
  const show = () => {
    if (shown === undefined) return
    const screen = openScreen(variables)
    const text = toText(statusTable(withTimePassed(shown), screen, Date.now()))
    context.print(screen.isTerminal ? HOME_AND_CLEAR + text : `${text}\n`)
  }
  const ticking = !input.options.json && openScreen(variables).isTerminal ? setInterval(show, TICK_MS) : undefined
  const startedAt = new Map<number, number>()
  const withTimePassed = (status: Status): Status => {
    const { service } = status
    const begun = startedAt.get(service.pid) ?? Date.now() - service.uptime_s * 1_000
    startedAt.set(service.pid, begun)
    return { ...status, service: { ...service, uptime_s: Math.floor((Date.now() - begun) / 1_000) } }
  }
  try {
    for await (const data of workerEvents(context.environment(), '/status?stream=1', signal)) {
      shown = selected(JSON.parse(data) as Status, input)
      if (input.options.json) context.print(`${JSON.stringify(shown)}\n`)
      else show()
    }
  } finally {
    clearInterval(ticking)
  }
  context.tell('The worker has ended.\n')
}

function selected(status: Status, input: Input): Status {
  return { ...status, servers: selectServers(status.servers, input) }
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
