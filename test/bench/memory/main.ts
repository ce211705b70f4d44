import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../../scripts/build.ts'
import { abortOnStopSignals } from '../../support/stop-signals.ts'
import { createPaint } from '../paint.ts'
import { createProgress } from '../progress.ts'
import { EDITORS, measureMemory, SERVERS } from './measure.ts'
import { renderResults } from './render-results.ts'

const HELP = `Counts the processes and the memory of ${EDITORS} editors with ${SERVERS} real servers each: behind one worker,
and as a copy of each server for each editor. Needs Linux and 5 GB of memory.

  npm run bench:memory     half a minute
`

async function main(): Promise<void> {
  const { help } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values
  if (help) return print(HELP)
  using stop = abortOnStopSignals()
  await buildPrograms()
  using progress = createProgress(process.stderr)
  const results = await measureMemory((what) => progress.say(what), stop)
  const paint = createPaint(process.stdout)
  const machine = `Node ${process.versions.node} on ${availableParallelism()} cores`
  const head = ` ${paint('title', 'Memory of several editors')}   ${paint('quiet', machine)}`
  print(`\n${[head, '', ...renderResults(results, paint)].join('\n')}\n`)
}

function print(text: string): void {
  process.stdout.write(text)
}

await main()
