import { setTimeout as sleep } from 'node:timers/promises'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import type { ErrorCode } from '../../shared/errors/error-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { escapeLine } from '../output/escape.ts'
import { openScreen, type Paint, type Style } from '../output/screen.ts'
import { askForServers, SERVER_OPTIONS, SERVER_POSITIONALS, type ServerSelection } from '../servers/select-servers.ts'
import { WorkerAccess } from '../worker/worker-access.ts'
import { workerEvents } from '../worker/worker-events.ts'

type Print = (server: string, line: string) => void

// Service managers may take ten seconds to start one anew.
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 250
/** More than is said before a worker that has just started is found. */
const CATCH_UP_LINES = '500'
// While there is none, another configuration's worker may answer at the usual port; it does not take our token.
const AWAY: readonly ErrorCode[] = ['server_unavailable', 'connection_closed', 'shutting_down', 'unauthenticated']
const PREFIX_COLOURS: readonly (keyof Style)[] = ['cyan', 'green', 'yellow', 'bold']

/** What servers have said, and what became of them. */
export const command = defineCommand({
  summary: 'print the error output of servers and what became of them, each line behind its server',
  positionals: SERVER_POSITIONALS,
  options: {
    follow: {
      type: 'flag',
      short: 'f',
      summary: 'go on with what is added, also by the next worker where one comes within 30 s, until Ctrl-C',
    },
    lines: { type: 'text', short: 'n', value: 'n', summary: 'how many of the last lines of each (default 50)' },
    ...SERVER_OPTIONS,
  },
  examples: [
    { line: 'pilot service logs', does: 'the last lines of every server' },
    { line: 'pilot service logs github --follow', does: 'one server, live' },
    { line: 'pilot service logs --except noisy -f -n 0', does: 'what all others say from now on' },
  ],
  async run(input, context) {
    const lines = encodeURIComponent(input.options.lines ?? '50')
    if (input.options.follow) return followLogs(input, { lines, context })
    const worker = new WorkerAccess(context, 'refuse')
    const names = await namesOf(worker, input)
    const print = createPrinter(names, context)
    for (const name of names) {
      const text = await worker.ask({ method: 'GET', path: `/servers/${name}/logs?lines=${lines}` })
      for (const line of text.split('\n')) if (line !== '') print(name, line)
    }
  },
})

async function namesOf(worker: WorkerAccess, selection: ServerSelection): Promise<string[]> {
  const selected = await askForServers(worker, selection)
  // What has no name that a server can have was never started.
  return selected.map(({ name }) => name).filter((name) => SERVER_NAME.test(name))
}

/** Goes on over restarts of the worker; where no other one comes it ends as the last one did. */
async function followLogs(
  selection: ServerSelection,
  { lines, context }: { lines: string; context: CommandContext },
): Promise<void> {
  const begunAt = new Date().toISOString()
  const latest = new Map<string, string>()
  const namesNow = () => namesOf(new WorkerAccess(context, 'refuse'), selection)
  let names: string[] | undefined = await namesNow()
  let end: ServiceError | undefined
  for (let isFirst = true; names !== undefined && names.length > 0; isFirst = false) {
    const print = createPrinter(names, context)
    const seen = new Map(latest)
    const printNews: Print = (name, line) => {
      const at = line.slice(0, begunAt.length)
      if (!isFirst && at <= (seen.get(name) ?? begunAt)) return
      latest.set(name, at)
      print(name, line)
    }
    end = await followWorker(names, { lines: isFirst ? lines : CATCH_UP_LINES, print: printNews, context })
    context.tell(`${end?.message ?? 'The worker has ended.'} Looking for the next one.\n`)
    names = await untilThere(namesNow, context.signal)
  }
  if (end !== undefined) throw end
}

/** Resolves when the worker has ended; with an error where it did so without a word. */
async function followWorker(
  names: readonly string[],
  { lines, print, context }: { lines: string; print: Print; context: CommandContext },
): Promise<ServiceError | undefined> {
  const environment = context.environment()
  const over = new AbortController()
  const signal = AbortSignal.any([context.signal, over.signal])
  const follow = async (name: string) => {
    const path = `/servers/${name}/logs?follow=1&lines=${lines}`
    for await (const line of workerEvents(environment, path, signal)) print(name, line)
  }
  try {
    await Promise.all(names.map(follow))
    return undefined
  } catch (thrown) {
    if (!isAway(thrown)) throw thrown
    return thrown
  } finally {
    over.abort()
  }
}

async function untilThere(namesNow: () => Promise<string[]>, signal: AbortSignal): Promise<string[] | undefined> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS, undefined, { signal })
    try {
      return await namesNow()
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown
    }
  }
  return undefined
}

function isAway(thrown: unknown): thrown is ServiceError {
  return ServiceError.is(thrown) && AWAY.includes(thrown.code)
}

function createPrinter(names: readonly string[], context: CommandContext): Print {
  const { style } = openScreen(context.variables)
  const width = Math.max(0, ...names.map((name) => name.length))
  const paints = new Map(
    names.map((name, index) => [name, style[PREFIX_COLOURS[index % PREFIX_COLOURS.length] ?? 'bold']]),
  )
  const paintOf = (name: string): Paint => paints.get(name) ?? ((text) => text)
  return (name, line) => context.print(`${paintOf(name)(`${name.padEnd(width)} │`)} ${escapeLine(line)}\n`)
}
