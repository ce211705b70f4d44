import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readEnvironment } from '../../shared/environment.ts'
import { createPaint } from '../bench/paint.ts'
import { createProgress } from '../bench/progress.ts'
import { print } from '../support/run-main.ts'
import { evaluate } from './evaluate.ts'
import { createHybridMethod } from './hybrid-method.ts'
import { type LabelledSet, readSet, readSets } from './labelled-set.ts'
import { meansOf, type SetReport } from './means.ts'
import { METHODS, type Method } from './methods.ts'
import { renderReports } from './render-results.ts'

const HELP = `Scores what find_tools finds, beside MiniSearch and plain BM25, on labelled queries.

  npm run eval:retrieval                        the project's own queries against the tools of real servers
  npm run eval:retrieval -- --data <folder>     those and every set in the folder: folders with
                                                tools.jsonl    {id, name, description, inputSchema, server, …}
                                                queries.jsonl  {id, query, relevant: [tool id], groups?: [[tool id]]}
  npm run eval:retrieval -- --set <name>        one set alone
  npm run eval:retrieval -- --hybrid            ours by words, and by words and embeddings: those of EMBEDDINGS_URL,
                                                EMBEDDINGS_MODEL and OPENAI_API_KEY, or character n-grams without a model
  npm run eval:retrieval -- --json              for programs

Figures are percentages, means over the queries. Queries are halved by their id: settings are tuned on one half only.
`
const GOLDEN = join(import.meta.dirname, 'golden')

async function main(): Promise<void> {
  const { data, set, hybrid, json, help } = parseArgs({
    options: {
      data: { type: 'string' },
      set: { type: 'string' },
      hybrid: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
  if (help) return print(HELP)
  const own = await readSet(GOLDEN)
  const all = [...(data === undefined ? [] : await readSets(data)), own]
  const wanted = all.filter(({ name }) => set === undefined || name === set)
  if (wanted.length === 0)
    throw new Error(`There is no set ${set}. There are: ${all.map(({ name }) => name).join(', ')}.`)
  const reports: SetReport[] = []
  for (const one of wanted) reports.push(report(one, hybrid ? await hybridMethods(one) : METHODS))
  // The project's own queries are not among those that methods are compared on elsewhere.
  const means = meansOf(reports.filter((_, place) => wanted[place] !== own))
  const results = { node: process.versions.node, sets: reports, means }
  print(json ? `${JSON.stringify(results)}\n` : renderReports(results, createPaint(process.stdout)))
}

async function hybridMethods(set: LabelledSet): Promise<Method[]> {
  using progress = createProgress(process.stderr)
  progress.say(`${set.name}: embedding`)
  const { url, model, apiKey } = readEnvironment(process.env).embeddings
  return [...METHODS.slice(0, 1), await createHybridMethod(set, url === undefined ? undefined : { url, model, apiKey })]
}

function report(set: LabelledSet, compared: readonly Method[]): SetReport {
  using progress = createProgress(process.stderr)
  const methods = compared.map((method) => {
    progress.say(`${set.name}: ${method.title}`)
    return [method.title, evaluate(set, method)] as const
  })
  return { set: set.name, tools: set.toolIds.length, methods: Object.fromEntries(methods) }
}

await main()
