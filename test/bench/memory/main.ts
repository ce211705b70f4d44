import { runSection } from '../section.ts'
import { EDITORS, type MemoryResults, measureMemory, SERVERS } from './measure.ts'
import { renderResults } from './render-results.ts'

await runSection<MemoryResults>({
  id: 'memory',
  title: 'Memory of several editors',
  help: `Counts the processes and the memory of ${EDITORS} editors with ${SERVERS} real servers each: behind one worker,
and as a copy of each server for each editor. Needs Linux and 5 GB of memory.

  npm run bench:memory                half a minute
  npm run bench:memory -- --json      the results as JSON instead of a table
`,
  measure: ({ say }, signal) => measureMemory(say, signal),
  render: renderResults,
  goalsOf: () => [],
  toJson: (results) => ({ ...results }),
})
