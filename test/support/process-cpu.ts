import { readdirSync, readFileSync } from 'node:fs'

/** The processor time that the threads of a process have had, in milliseconds; undefined where there is no /proc or no such process. */
export function cpuMs(pid: number): number | undefined {
  const folder = `/proc/${pid}/task`
  try {
    const nanoseconds = readdirSync(folder).map(
      (thread) => readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0],
    )
    return nanoseconds.reduce((sum, one) => sum + Number(one), 0) / 1e6
  } catch {
    return undefined
  }
}
