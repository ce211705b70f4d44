// Kills a worker with its bad servers, again and again, in every mode of isolation, at every moment of its start, and counts who is left.
// Arguments: rounds for each mode (200), and the modes, all by default.
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endLeftovers } from '../../worker-service/server-pool/connectors/child-supervision.ts'
import { availableIsolations } from '../support/isolations.ts'
import { countKnown, killWorkerAndCount, type OrphanRound } from '../support/orphans.ts'

const LIMIT_MS = 2_000
const SLOWEST_START_MS = 400
const ZOMBIE_LIMIT_MS = 30_000
const NEVER = new AbortController().signal

const rounds = Number(process.argv[2] ?? 200)
const modes = process.argv.slice(3)
await using folder = await mkdtempDisposable(join(tmpdir(), 'orphans-'))
const recordsFolder = join(folder.path, 'children')

for (const mode of await availableIsolations()) {
  if (modes.length > 0 && !modes.includes(mode)) continue
  const results: OrphanRound[] = []
  let reaped = 0
  // The worst that can be promised without help of the platform is that the next worker ends them.
  const needsReaping = mode === 'process-group'
  for (let round = 0; round < rounds; round++) {
    // Half of them while servers are being started.
    const killAfterMs = round % 2 === 0 ? round % 20 : -(round * 37) % SLOWEST_START_MS
    const limitMs = needsReaping ? 0 : LIMIT_MS
    results.push(await killWorkerAndCount({ mode, recordsFolder, killAfterMs, limitMs }))
    reaped += (await endLeftovers({ recordsFolder, variables: process.env }, NEVER)).processes
  }
  const left = results.reduce((sum, round) => sum + round.left, 0)
  const everybody = new Set(results.flatMap((round) => [...round.before]))
  const slowestMs = Math.round(Math.max(...results.map((round) => round.endedAfterMs)))
  const zombies = await zombiesLeft(everybody)
  const found = needsReaping
    ? `${left} left to the next start, which ended ${reaped}`
    : `${left} left after ${LIMIT_MS} ms`
  process.stdout.write(
    `${mode}: ${rounds} rounds, ${everybody.size} processes, ${found}, slowest ended after ${slowestMs} ms, ${zombies} zombies\n`,
  )
  if ((left > 0 && !needsReaping) || zombies > 0) process.exitCode = 1
}

async function zombiesLeft(everybody: ReadonlySet<string>): Promise<number> {
  for (let waitedMs = 0; waitedMs < ZOMBIE_LIMIT_MS && countKnown(everybody) > 0; waitedMs += 100) await sleep(100)
  return countKnown(everybody)
}
