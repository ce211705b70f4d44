import { basename } from 'node:path'
import { countOf } from '../../shared/count-of.ts'
import type { PreparedImport } from '../../worker-service/config/clients/import-servers.ts'
import type { PreparedWiring } from '../../worker-service/config/clients/wire-client.ts'
import { escapeLine } from '../output/escape.ts'
import type { Screen, Style } from '../output/screen.ts'

type Planned = PreparedImport['clients'][number]['servers'][number]
type Entry = Extract<Planned['outcome'], { entry: unknown }>['entry']

interface PlanView {
  screen: Screen
  isDryRun: boolean
  /** The home folder, which is shown as `~`. */
  home: string
}

const RUNNERS = new Set(['npx', 'uvx', 'bunx', 'pnpm', 'npm', 'docker'])
const PACKAGE = /^(?!-)(@[\w.-]+\/)?[\w.-]+(\/[\w.-]+)*(@[\w.-]+)?(:[\w.-]+)?$/

/** What becomes of the servers of each client, a line each, without a value that could be a secret. */
export function printPlan(prepared: PreparedImport, { screen: { style }, isDryRun, home }: PlanView): string {
  const { clients, absent, added } = prepared
  const short = (path: string) => escapeLine(path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path)
  const lines = clients.flatMap(({ client, path, servers }) => [
    `${style.bold(client.title)}  ${style.dim(short(path))}`,
    ...(servers.length === 0 ? ['    has no servers'] : servers.flatMap((server) => serverLines(server, style))),
    '',
  ])
  const nowhere = absent.map(({ client, path }) => style.dim(`${client.title} has nothing at ${short(path)}`))
  const verb = isDryRun ? 'would be added' : 'added'
  const summary =
    added === 0
      ? `Nothing to add to ${short(prepared.path)}.`
      : `${countOf(added, 'server')} ${verb} to ${short(prepared.path)}.`
  return [...lines, ...nowhere, ...(nowhere.length > 0 ? [''] : []), summary, ''].join('\n')
}

/** What a client has from us, and what it goes on to start itself. */
export function printWiring({ path, backup, taken, left }: PreparedWiring, isDryRun: boolean): string {
  const names = (list: readonly string[]) => list.map(escapeLine).join(', ')
  return [
    `${escapeLine(path)} ${isDryRun ? 'would start' : 'starts'} Pilotlight${taken.length === 0 ? '' : ` in the place of ${names(taken)}`}.`,
    ...(left.length === 0 ? [] : [`It goes on to start ${names(left)} itself.`]),
    ...(isDryRun ? [] : [`What it had is kept in ${escapeLine(backup)}. Start the client anew.`]),
    '',
  ].join('\n')
}

function serverLines({ name, ownName, outcome }: Planned, style: Style): string[] {
  const shown = escapeLine(name) + (ownName === name ? '' : ` (as ${ownName})`)
  const line = (mark: string, says: string) => `  ${mark} ${shown}  ${style.dim(escapeLine(says))}`
  switch (outcome.kind) {
    case 'added':
      return [
        line(style.green('+'), describe(outcome.entry)),
        ...outcome.notes.map((note) => `      ${style.yellow(escapeLine(note))}`),
      ]
    case 'there':
      return [line('=', 'is here already')]
    case 'conflict':
      return [line(style.yellow('!'), `is another server here (${outcome.differs.join(', ')}), which stays`)]
    case 'unfit':
      return [line(style.red('-'), `is not taken over: ${outcome.reason}`)]
    case 'pilotlight':
      return [line('·', 'is Pilotlight itself')]
  }
}

// Arguments, values and the query of a URL may be secrets.
function describe({ command, args, url, env, headers }: Entry): string {
  const names = Object.keys({ ...(env as object), ...(headers as object) })
  const has = names.length === 0 ? '' : `  with ${names.join(', ')}`
  if (typeof url === 'string') {
    const { origin = '', pathname = '' } = URL.parse(url) ?? {}
    return `${origin}${pathname}${has}`
  }
  const program = basename(String(command))
  const words = Array.isArray(args) && RUNNERS.has(program) ? args.filter((word) => typeof word === 'string') : []
  const what = words.find((word) => !['run', 'exec', 'dlx', 'start'].includes(word) && PACKAGE.test(word))
  return [program, ...(what === undefined ? [] : [what])].join(' ') + has
}
