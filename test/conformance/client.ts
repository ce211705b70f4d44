import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

// Runs the client scenarios of the MCP conformance suite against the remote connector and, beside it, the official SDK's client. Fails when
// ours does not pass a scenario that the SDK's client passes. `--suite auth` runs one suite alone.

const SUITES = ['core', 'backcompat', 'extensions', 'draft']
const PROGRAMS = {
  ours: import.meta.resolve('./client-program.ts'),
  sdk: import.meta.resolve('./sdk-client-program.ts'),
}
const RESULT = /^([✓✗]) (\S+): (\d+) passed, (\d+) failed/gm

/** By the scenario's name: whether it passed, and how many of its checks did. */
type Results = Map<string, Result>

interface Result {
  passed: boolean
  checks: string
}

async function main(args: readonly string[]): Promise<void> {
  const only = args[args.indexOf('--suite') + 1]
  const suites = args.includes('--suite') && only !== undefined ? [only] : SUITES
  const ours = await runAll(PROGRAMS.ours, suites)
  const sdk = await runAll(PROGRAMS.sdk, suites)
  const names = [...new Set([...ours.keys(), ...sdk.keys()])]
  for (const name of names) {
    console.log(`${name.padEnd(44)} ours ${show(ours.get(name)).padEnd(18)} sdk ${show(sdk.get(name))}`)
  }
  const behind = names.filter((name) => sdk.get(name)?.passed === true && ours.get(name)?.passed !== true)
  if (ours.size === 0) throw new Error('No scenario was run. Is @modelcontextprotocol/conformance installed?')
  if (behind.length === 0) return
  console.error(`The SDK's client passes what ours does not: ${behind.join(', ')}`)
  process.exitCode = 1
}

function show(result: Result | undefined): string {
  if (result === undefined) return '-'
  return `${result.passed ? 'passed' : 'FAILED'} (${result.checks})`
}

async function runAll(program: string, suites: readonly string[]): Promise<Results> {
  const results: Results = new Map()
  for (const suite of suites) {
    const output = await run(program, suite)
    for (const [, mark, name = '', passed = '', failed = ''] of output.matchAll(RESULT)) {
      results.set(name, { passed: mark === '✓', checks: `${passed}/${Number(passed) + Number(failed)}` })
    }
  }
  return results
}

async function run(program: string, suite: string): Promise<string> {
  const suiteProgram = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'))
  const command = `"${process.execPath}" "${fileURLToPath(program)}"`
  const child = spawn(process.execPath, [suiteProgram, 'client', '--command', command, '--suite', suite], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await once(child, 'close')
  return output
}

await main(process.argv.slice(2))
