import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPrograms } from '../../scripts/build.ts'
import { print, runMain } from '../support/run-main.ts'
import { abortOnStopSignals } from '../support/stop-signals.ts'
import { judge, type MeasuredGoal } from './goal.ts'
import { createPaint, type Paint } from './paint.ts'
import { createProgress, type Progress } from './progress.ts'
import { renderGoals } from './render-goals.ts'

/** A part of the benchmark, which is a program of its own. `id` names the file its results go to. */
export interface Section<Results> {
  readonly id: string
  readonly title: string
  readonly help: string
  /** Whether a goal that is missed is a failure, as only what noise cannot hide may be. */
  readonly isCheck?: boolean
  measure(options: MeasureOptions, signal: AbortSignal): Promise<Results>
  /** The lines of what was measured. */
  render(results: Results, paint: Paint): string[]
  goalsOf(results: Results): MeasuredGoal[]
  /** What was measured, for a program to read, beside the goals. */
  toJson(results: Results): Record<string, unknown>
}

/** How a section is to be measured. `quick` takes a fraction of the time and is noisier. */
export interface MeasureOptions {
  readonly quick: boolean
  readonly say: Progress['say']
}

/** Says to a section that the programs have just been built. */
export const BUILT = '--built'

/** Where a section leaves its results. */
export function resultsPath(id: string): string {
  return join(import.meta.dirname, '../../bench-results', `${id}.json`)
}

/** Runs a section by the flags it was started with: measures, keeps the results, prints them, or why there are none. With {@link BUILT} the programs are taken as they lie in `dist/`. */
export function runSection<Results>(section: Section<Results>): Promise<void> {
  return runMain(() => runByFlags(section))
}

async function runByFlags<Results>(section: Section<Results>): Promise<void> {
  const { quick, json, built, help } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
      built: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
  if (help) return print(section.help)
  using stop = abortOnStopSignals()
  if (built !== true) await buildPrograms()
  const results = await measure(section, quick === true, stop)
  const text = `${JSON.stringify(toJson(section, results), undefined, 2)}\n`
  const path = resultsPath(section.id)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  print(json ? text : toText(section, results, createPaint(process.stdout)))
  if (section.isCheck === true && section.goalsOf(results).some((goal) => judge(goal) === 'missed'))
    process.exitCode = 1
}

async function measure<Results>(section: Section<Results>, quick: boolean, signal: AbortSignal): Promise<Results> {
  using progress = createProgress(process.stderr)
  return await section.measure({ quick, say: (what) => progress.say(what) }, signal)
}

function toJson<Results>(section: Section<Results>, results: Results) {
  return {
    title: section.title,
    node: process.versions.node,
    cores: availableParallelism(),
    goals: section.goalsOf(results).map((goal) => ({ ...goal, verdict: judge(goal) })),
    ...section.toJson(results),
  }
}

function toText<Results>(section: Section<Results>, results: Results, paint: Paint): string {
  const machine = `Node ${process.versions.node} on ${availableParallelism()} cores`
  const goals = section.goalsOf(results)
  const lines = [
    ` ${paint('title', section.title)}   ${paint('quiet', machine)}`,
    '',
    ...section.render(results, paint),
    ...(goals.length === 0 ? [] : ['', ...renderGoals(goals, paint)]),
  ]
  return `\n${lines.join('\n')}\n`
}
