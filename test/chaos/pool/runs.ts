import { faultsRun } from '../faults/faults-run.ts'
import { misbehaviourRun } from '../misbehaviour/misbehaviour-run.ts'
import { answersRun } from './answers-run.ts'
import { atMostOnceRun } from './at-most-once-run.ts'
import { closedRun } from './closed-run.ts'
import { descriptorsRun } from './descriptors-run.ts'
import { hostileRun } from './hostile-run.ts'
import { idleRun } from './idle-run.ts'
import { memoryRun } from './memory-run.ts'
import { modelRun } from './model-run.ts'
import { oneWorkerRun } from './one-worker-run.ts'
import { orphansRun } from './orphans-run.ts'
import type { PromiseRun } from './promise-run.ts'
import { questionsRun } from './questions-run.ts'
import { recoveryRun } from './recovery-run.ts'
import { reloadRun } from './reload-run.ts'
import { restartsRun } from './restarts-run.ts'

/** The runs of the promises about the pool, in their order. */
export const POOL_RUNS: readonly PromiseRun[] = [
  answersRun,
  questionsRun,
  modelRun,
  atMostOnceRun,
  orphansRun,
  descriptorsRun,
  oneWorkerRun,
  recoveryRun,
  idleRun,
  hostileRun,
  memoryRun,
  reloadRun,
  restartsRun,
  closedRun,
  faultsRun,
  misbehaviourRun,
]
