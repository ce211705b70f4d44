import { Inspector } from '../../support/inspector.ts'
import type { CpuProfile } from './call-tree.ts'

const SAMPLE_EVERY_MICROSECONDS = 200

/** What a program that was started inspectable does while `work` goes on; `stderrPath` is its error output. */
export async function recordProfile(stderrPath: string, work: () => Promise<unknown>): Promise<CpuProfile> {
  using inspector = await Inspector.of(stderrPath)
  await inspector.ask('Profiler.enable')
  await inspector.ask('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROSECONDS })
  await inspector.ask('Profiler.start')
  await work()
  const { profile } = await inspector.ask<{ profile: CpuProfile }>('Profiler.stop')
  return profile
}
