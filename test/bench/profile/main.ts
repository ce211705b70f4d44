import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../../scripts/build.ts'
import { print, runMain } from '../../support/run-main.ts'
import { formatCount } from '../format.ts'
import { createPaint } from '../paint.ts'
import { resultsPath } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { type Call, type Owner, selfTimes, toCallTree } from './call-tree.ts'
import { flameGraph } from './flame-graph.ts'
import { WALKS } from './walks.ts'

const HELP = `Records what the worker does during calls of find_tools and of a warm server, and draws flame graphs of it.

  npm run bench:profile                       30,000 calls of each, after a warm-up
  npm run bench:profile -- --calls 100000     as many as these

The graphs go to bench-results/flame-find-tools.svg and flame-pooled-call.svg; the profiles beside them, as .cpuprofile,
can be opened in Chrome's developer tools.
`

const SHOWN = 12
const OWNERS: Record<Owner, string> = { ours: 'ours and bundled', node: "Node's", engine: "the engine's" }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '30000' }, help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) return print(HELP)
  const calls = Number(values.calls)
  if (!Number.isSafeInteger(calls) || calls < 1_000) throw new Error('--calls must be a whole number from 1,000 on.')
  await buildPrograms()
  await mkdir(dirname(resultsPath('profile')), { recursive: true })
  for (const walk of WALKS) {
    const { id, title } = walk
    const recorded = await walk.profile(calls)
    const tree = toCallTree(recorded)
    const note = `${formatCount(calls)} calls · Node ${process.versions.node} · npm run bench:profile`
    const path = join(dirname(resultsPath('profile')), `flame-${id}`)
    await writeFile(`${path}.svg`, flameGraph(tree, { title, note }))
    await writeFile(`${path}.cpuprofile`, JSON.stringify(recorded))
    print(`\n${render(title, tree).join('\n')}\n`)
  }
}

/** What took most itself, and whose that is. */
function render(title: string, tree: Call): string[] {
  const paint = createPaint(process.stdout)
  const columns: Column[] = [
    { title, align: 'left' },
    { title: 'of all work', align: 'right' },
    { title: 'whose', align: 'left' },
  ]
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`
  const all = selfTimes(tree)
  const owners = Object.entries(OWNERS).map(([owner, whose]) => {
    const own = all.filter((one) => one.owner === owner).reduce((sum, { self }) => sum + self, 0)
    return ['all of it', percent(own), whose]
  })
  const rows = all.slice(0, SHOWN).map(({ name, owner, self }) => [name, percent(self), OWNERS[owner]])
  return renderTable(columns, [...rows, ...owners], paint)
}

await runMain(main)
