// Starts and stops a server many times in every mode of isolation, and counts this process's descriptors, children and zombies before and
// after. Prints what a start costs, too. Arguments: how often for each mode (10000).
import { readdirSync, readFileSync } from 'node:fs'
import { createStdioConnector } from '../../worker-service/server-pool/connectors/stdio.ts'
import { collectFrames } from '../support/collect-frames.ts'
import { fixtureServer } from '../support/fixture-server.ts'
import { availableIsolations, superviseIn } from '../support/isolations.ts'

const NEVER = new AbortController().signal
const AT_ONCE = 4
const CAT = { ...fixtureServer('cat'), command: 'cat', args: [] }

const times = Number(process.argv[2] ?? 10_000)

for (const mode of await availableIsolations()) {
  await using supervised = await superviseIn(mode)
  const open = createStdioConnector({ variables: process.env, supervision: supervised.supervision })
  const startAndStop = async (): Promise<number> => {
    const startedAt = performance.now()
    await using connection = await open(CAT, NEVER)
    const { next } = collectFrames(connection)
    connection.write('{}')
    await next()
    return performance.now() - startedAt
  }
  await startAndStop()
  const before = JSON.stringify(held())
  const takenMs: number[] = []
  for (let i = 0; i < times; i += AT_ONCE)
    takenMs.push(...(await Promise.all(Array.from({ length: AT_ONCE }, startAndStop))))
  const after = JSON.stringify(held())
  const alone: number[] = []
  for (let i = 0; i < 100; i++) alone.push(await startAndStop())
  process.stdout.write(
    `${mode}: ${takenMs.length} starts, ${before} before, ${after} after, first answer ${median(alone)} ms\n`,
  )
  if (before !== after) process.exitCode = 1
}

function held(): { descriptors: number; children: number } {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === process.pid)
  return { descriptors: readdirSync('/proc/self/fd').length, children: children.length }
}

function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

function median(values: number[]): string {
  const sorted = values.toSorted((one, other) => one - other)
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(1)
}
