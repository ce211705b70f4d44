import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { workerRecordPath } from '../../../shared/worker-record.ts'
import { formatCount } from '../../bench/format.ts'
import { BackgroundHome } from '../../support/background-home.ts'
import { Program } from '../../support/program.ts'
import { PILOT } from '../../support/worker-process.ts'
import { none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'

const ROUNDS = 50
const FEWEST_ROUNDS = 3
const STARTERS = 50
const FEWEST_STARTERS = 12
const roundsOf = (plan: RunPlan) => sizeOf(ROUNDS, plan, FEWEST_ROUNDS)
const startersOf = (plan: RunPlan) => sizeOf(STARTERS, plan, FEWEST_STARTERS)
/** What a file may say of the worker besides what the killed one wrote; a function is given a process that is none of ours. */
const LIES: readonly ((bystander: number) => unknown)[] = [
  () => 0,
  () => -1,
  () => 1,
  () => 'x',
  (bystander) => bystander,
]

/** Many programs that want a worker at once, over what killed workers have left. */
export const oneWorkerRun: PromiseRun = {
  id: 'P7',
  title: 'one worker, however many start at once',
  schedule: (plan) => [
    `${formatCount(roundsOf(plan))} rounds of ${startersOf(plan)} "pilot service start" at once, each round over what a SIGKILLed worker left;`,
    'in every third one its record names a process that is none of ours, or none at all.',
  ],
  async run(plan, signal) {
    const random = seededRandom(plan.seed)
    await using home = await BackgroundHome.create()
    await using bystander = bystanderOf(home)
    const seen = { rounds: 0, started: 0, attached: 0, failed: 0, notOne: 0, elsewhere: 0 }
    for (let round = 0; round < roundsOf(plan); round++) {
      signal.throwIfAborted()
      const ends = await Promise.all(Array.from({ length: startersOf(plan) }, () => start(home)))
      const said = ends.flatMap(({ line }) => line ?? [])
      const failures = ends.flatMap(({ failure }) => failure ?? [])
      const workers = home.workers()
      const started = said.filter((line) => /started/i.test(line)).length
      seen.rounds++
      seen.started += started
      seen.attached += said.filter((line) => line.includes('runs already')).length
      if (seen.failed === 0 && failures[0] !== undefined) plan.note(` the first failure: ${failures[0]}`)
      seen.failed += failures.length
      if (workers.length !== 1 || started !== 1) seen.notOne++
      seen.elsewhere += said.filter((line) => !line.includes(`process ${workers[0]},`)).length
      await home.killWorkers()
      if (round % 3 === 0) await lie(home, LIES[Math.floor(random() * LIES.length)]?.(bystander.pid))
      plan.say(`${seen.rounds} of ${roundsOf(plan)} rounds`)
    }
    plan.note(` ${formatCount(seen.started)} started a worker, ${formatCount(seen.attached)} found it`)
    return [
      none('rounds without exactly one worker', seen.notOne),
      none('starters that failed', seen.failed),
      none('starters that met another worker than the others', seen.elsewhere),
      none('processes that are not ours and were signalled', bystander.running ? 0 : 1),
    ]
  },
}

function bystanderOf({ path, variables }: BackgroundHome): Program {
  return new Program({ args: ['-e', 'setInterval(() => {}, 1_000)'], variables, stderrPath: `${path}/bystander.log` })
}

/** What a starter says, or why it failed. */
function start({ variables }: BackgroundHome): Promise<{ line?: string; failure?: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PILOT, 'service', 'start'], { env: { ...variables } }, (error, stdout, stderr) =>
      resolve(error === null ? { line: stdout } : { failure: stderr.trim() || error.message }),
    )
  })
}

async function lie({ environment }: BackgroundHome, pid: unknown): Promise<void> {
  const { runtime } = environment.folders
  const sockets = { control: `${runtime}/control.sock`, mcp: `${runtime}/mcp.sock` }
  const record = {
    pid,
    started_at: '2026-01-02',
    url: 'http://127.0.0.1:1',
    version: '0.0.1',
    background: true,
    sockets,
  }
  await mkdir(runtime, { recursive: true })
  await writeFile(workerRecordPath(runtime), JSON.stringify(record))
}
