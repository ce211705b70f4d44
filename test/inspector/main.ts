import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { createPaint, type Paint } from '../bench/paint.ts'
import { createProgress } from '../bench/progress.ts'
import { type Column, renderTable } from '../bench/table.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { print } from '../support/run-main.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'
import { type Answer, Inspector, type Target } from './inspector.ts'
import { QUESTIONS, type Question, SERVER, withoutNamespace } from './questions.ts'

const HELP = `Asks every face of a worker with the command line of MCP Inspector what it asks a server itself, and fails where an answer differs.
Fetches Inspector, about 110 MB, into a temporary folder.

  npm run inspect
`

/** Of an answer that differs. */
const MAX_SHOWN_CHARACTERS = 500
const PROGRAM = join(import.meta.dirname, '../fixtures/servers/conformance.ts')

/** Where clients meet the server, alone or as one of all. */
interface Face {
  title: string
  servers: 'one' | 'all'
  target: Target
}

interface Row {
  question: Question
  /** In the order of the faces. */
  answers: Answer[]
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) return print(HELP)
  using stop = abortOnStopSignals()
  const server = { command: process.execPath, args: [PROGRAM] }
  await using worker = await OwnWorker.start({ mcpServers: { [SERVER]: server } })
  const faces = [{ title: 'direct', servers: 'one' as const, target: { ...server, env: {} } }, ...facesOf(worker)]
  const rows = await askAll(faces, stop)
  print(render(faces, rows, createPaint(process.stdout)))
  if (complaints(faces, rows).length > 0) process.exitCode = 1
}

function facesOf(worker: OwnWorker): Face[] {
  return [
    { title: 'pilot connect', servers: 'one', target: worker.connect(SERVER) },
    { title: '/mcp/{server}', servers: 'one', target: worker.endpoint(SERVER) },
    { title: 'pilot mcp', servers: 'all', target: worker.front() },
    { title: '/mcp', servers: 'all', target: worker.endpoint() },
  ]
}

async function askAll(faces: readonly Face[], signal: AbortSignal): Promise<Row[]> {
  using progress = createProgress(process.stderr)
  progress.say('fetching Inspector')
  await using inspector = await Inspector.fetch(signal)
  const rows: Row[] = []
  for (const question of QUESTIONS) {
    progress.say(question.title)
    const ask = ({ target, servers }: Face) => inspector.ask(target, question[servers], signal)
    rows.push({ question, answers: await Promise.all(faces.map(ask)) })
  }
  return rows
}

/** Whether a face gives the answer that the server itself gives. */
function isRight(face: Face, { question, answers: [direct] }: Row, answer: Answer | undefined): boolean {
  if (answer === undefined || !('json' in answer) || direct === undefined || !('json' in direct)) return false
  if (face.servers === 'all' && question.ownAnswer !== undefined) return question.ownAnswer(answer.json)
  return isDeepStrictEqual(withoutNamespace(answer.json), direct.json)
}

function render(faces: readonly Face[], rows: readonly Row[], paint: Paint): string {
  const columns: Column[] = ['question', ...faces.map(({ title }) => title)].map((title) => ({ title, align: 'left' }))
  const cells = rows.map((row) => [
    row.question.title,
    ...faces.map((face, index) =>
      isRight(face, row, row.answers[index]) ? paint('good', 'same') : paint('bad', 'differs'),
    ),
  ])
  const head = ` ${paint('title', 'MCP Inspector on the command line')}`
  return ['', head, '', ...renderTable(columns, cells, paint), '', ...complaints(faces, rows), ''].join('\n')
}

function complaints(faces: readonly Face[], rows: readonly Row[]): string[] {
  return rows.flatMap((row) =>
    faces.flatMap((face, index) => {
      const answer = row.answers[index]
      const said = JSON.stringify(answer).slice(0, MAX_SHOWN_CHARACTERS)
      return isRight(face, row, answer) ? [] : [` ${row.question.title}, ${face.title}: ${said}`]
    }),
  )
}

await main()
