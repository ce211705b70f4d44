import type { Paint, Tone } from '../bench/paint.ts'
import { createProgress } from '../bench/progress.ts'
import { type Column, renderTable } from '../bench/table.ts'
import { runComparison } from './run-comparison.ts'
import { ALL_SCENARIOS, type Outcome, runServerScenarios, type ServerScenario } from './server-scenarios.ts'
import { createServerStage } from './server-stage.ts'

const HELP = `Puts a server of the official SDK through the server scenarios of the MCP conformance suite: directly, and behind the pool at
/mcp/{server}, as a program and as a remote server. Fails when it comes through the pool worse than it does directly.

  npm run conformance:server                 all of them, a few seconds
  npm run conformance:server -- tools-list   one
`

const FACES = ['direct', 'stdio', 'http'] as const
type Face = (typeof FACES)[number]
const POOLED = ['stdio', 'http'] as const satisfies Face[]
const TITLES: Record<Face, string> = { direct: 'direct', stdio: 'pool, stdio', http: 'pool, http' }

/** How the server came through one scenario at each face. */
interface Comparison {
  name: string
  faces: Record<Face, ServerScenario>
}

const COLUMNS: Column[] = [
  { title: 'scenario', align: 'left' },
  ...FACES.flatMap((face): Column[] => [
    { title: TITLES[face], align: 'left' },
    { title: 'checks', align: 'right' },
  ]),
  { title: '', align: 'left' },
]
const TONES: Record<Outcome, Tone> = { passed: 'good', warned: 'fair', failed: 'bad', unchecked: 'bad' }
const WORST_FIRST: readonly Outcome[] = ['unchecked', 'failed', 'warned', 'passed']
const NOT_RUN: ServerScenario = { outcome: 'unchecked', goodChecks: 0, checks: 0, complaints: ['It was not run.'] }

async function compareAll(scenario = ALL_SCENARIOS, signal: AbortSignal): Promise<Comparison[]> {
  using progress = createProgress(process.stderr)
  progress.say('starting a worker')
  await using stage = await createServerStage()
  const run = (face: Face) => {
    progress.say(TITLES[face])
    return runServerScenarios(stage[face], scenario, signal)
  }
  // One after the other: some scenarios look at the clock.
  const direct = await run('direct')
  const stdio = await run('stdio')
  const http = await run('http')
  const inOrder = [...direct].toSorted(([a], [b]) => a.localeCompare(b))
  return inOrder.map(([name, result]) => ({
    name,
    faces: { direct: result, stdio: stdio.get(name) ?? NOT_RUN, http: http.get(name) ?? NOT_RUN },
  }))
}

function isBehind({ faces }: Comparison): boolean {
  const rank = (face: Face) => WORST_FIRST.indexOf(faces[face].outcome)
  return POOLED.some((face) => rank(face) < rank('direct'))
}

function render(comparisons: readonly Comparison[], paint: Paint): string {
  const rows = comparisons.map((one) => [
    one.name,
    ...FACES.flatMap((face) => cellsOf(one.faces[face], paint)),
    isBehind(one) ? paint('bad', 'behind') : '',
  ])
  const passedAt = (face: Face) => comparisons.filter(({ faces }) => faces[face].outcome === 'passed').length
  const sum = `${comparisons.length} scenarios, passed: ${FACES.map((face) => `${TITLES[face]} ${passedAt(face)}`).join(' · ')}`
  const head = ` ${paint('title', 'MCP conformance, server scenarios')}   ${paint('quiet', sum)}`
  const table = renderTable(COLUMNS, rows, paint)
  return ['', head, '', ...table, '', ...complaints(comparisons), ` ${verdict(comparisons, paint)}`, ''].join('\n')
}

function cellsOf({ outcome, goodChecks, checks }: ServerScenario, paint: Paint): string[] {
  return [paint(TONES[outcome], outcome), paint('quiet', `${goodChecks}/${checks}`)]
}

function complaints(comparisons: readonly Comparison[]): string[] {
  const lines = comparisons.flatMap(({ name, faces }) =>
    FACES.flatMap((face) => faces[face].complaints.map((complaint) => ` ${name}, ${TITLES[face]}: ${complaint}`)),
  )
  return lines.length === 0 ? [] : [...lines, '']
}

function verdict(comparisons: readonly Comparison[], paint: Paint): string {
  const behind = comparisons.filter(isBehind).map(({ name }) => name)
  if (behind.length === 0) return paint('good', 'The server comes through the pool as well as it does directly.')
  return paint('bad', `The server comes through the pool worse than it does directly: ${behind.join(', ')}`)
}

await runComparison<Comparison>({ help: HELP, compare: compareAll, isBehind, render })
