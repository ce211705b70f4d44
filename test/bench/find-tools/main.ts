import { ATTACHED } from '../../fixtures/selector/behaviours.ts'
import { formatCount } from '../format.ts'
import { runSection } from '../section.ts'
import { goalsOf } from './goals.ts'
import { INPUT } from './input.ts'
import { QUICK, THOROUGH } from './plan.ts'
import { renderReport } from './report.ts'
import type { Results } from './results.ts'
import { runBench } from './run-bench.ts'
import { toJson } from './to-json.ts'

await runSection<Results>({
  id: 'find-tools',
  title: `One find_tools call on every path, ${sizes()}`,
  help: `Measures one find_tools call on every path it can take.

  npm run bench:find-tools                two to three minutes
  npm run bench:find-tools -- --quick     under a minute, noisier
  npm run bench:find-tools -- --json      the results as JSON instead of tables
`,
  measure: ({ quick, say }, signal) =>
    runBench({ plan: quick ? QUICK : THOROUGH, searchPath: process.env.PATH ?? '', say }, signal),
  render: renderReport,
  goalsOf,
  toJson,
})

function sizes(): string {
  const answerBytes = Buffer.byteLength(JSON.stringify(ATTACHED))
  return `${formatCount(Buffer.byteLength(INPUT))} bytes of JSON in, ${formatCount(answerBytes)} out`
}
