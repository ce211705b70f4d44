import { join } from 'node:path'
import { compileCache } from '../../../shared/files/compile-cache.ts'
import type { Contestant } from './contestant.ts'
import { INPUT } from './input.ts'
import { type ProcessCall, runProcess } from './process-call.ts'

const ROOT = join(import.meta.dirname, '../../..')
const ONE_SHOT = join(ROOT, 'dist/one-shot.cjs')
const ONE_SHOT_SOURCE = join(ROOT, 'worker-service/one-shot.ts')

// The original design: a process per call that imports requests.
const PYTHON_CALL = `
import os, sys, requests
answer = requests.post(os.environ["TOOL_SELECTOR_URL"] + "/api/v1/tools/attach", data=sys.stdin.buffer.read(),
                       headers={"content-type": "application/json"}, timeout=30)
answer.raise_for_status()
sys.stdout.write(answer.text)
`

type Variables = ProcessCall['variables']

/** A one-shot per call: asking a selector, from the embedded index on disk, and from source with nothing bundled. */
export function oneShotContestants(ownVariables: Variables, selectorUrl: string): Contestant[] {
  // As the front runs them.
  const variables = { ...compileCache(ownVariables), ...ownVariables }
  const withSelector = { ...variables, TOOL_SELECTOR_URL: selectorUrl }
  const fromSource = ['--input-type=module', '--eval', `(await import(${JSON.stringify(ONE_SHOT_SOURCE)})).main()`]
  return [
    oneShot({ path: 'one-shot', title: 'one-shot per call, asking the selector' }, [ONE_SHOT], withSelector),
    oneShot({ path: 'one-shot-embedded', title: 'one-shot per call, embedded index' }, [ONE_SHOT], variables),
    oneShot({ path: 'one-shot-source', title: 'unbundled script per call' }, fromSource, withSelector),
  ]
}

/** Python per call; undefined where it or its requests is not installed. */
export async function pythonContestant(variables: Variables, selectorUrl: string): Promise<Contestant | undefined> {
  const call = () =>
    runProcess({
      command: 'python3',
      args: ['-c', PYTHON_CALL],
      variables: { ...variables, TOOL_SELECTOR_URL: selectorUrl },
      input: INPUT,
    })
  try {
    await call()
  } catch {
    return undefined
  }
  return { path: 'python', title: 'Python with requests per call', process: true, call }
}

/** The floor of everything that starts Node. */
export function emptyNode(variables: Variables): Contestant {
  const call = () => runProcess({ command: process.execPath, args: ['-e', '0'], variables, input: '' })
  return { path: 'empty-node', title: 'node -e 0', process: true, call }
}

function oneShot(
  { path, title }: Pick<Contestant, 'path' | 'title'>,
  args: readonly string[],
  variables: Variables,
): Contestant {
  const call = async () => {
    const output = await runProcess({ command: process.execPath, args, variables, input: INPUT })
    if (!output.startsWith('{"status":"success"')) throw new Error(`${title}: ${output.slice(0, 300)}`)
  }
  return { path, title, process: true, call }
}
