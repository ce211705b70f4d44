import { basename } from 'node:path'
import type { CommandLine } from './isolation.ts'

/** An entry that lets a package runner find and start a program. */
export interface RunnerEntry {
  runner: 'npx' | 'uvx'
  /** The package as the entry names it, version included. */
  spec: string
  /** The package without its version. */
  packageName: string
  /** The version where it is an exact one: what it stands for never changes. */
  exactVersion: string | undefined
  /** The package's command; undefined where it is the package's only or main one. */
  bin: string | undefined
  /** What the program is started with. */
  args: readonly string[]
}

const HARMLESS_OPTIONS = {
  npx: ['-y', '--yes', '-q', '--quiet', '--prefer-offline'],
  uvx: ['-q', '--quiet', '--offline'],
}
const PACKAGE_OPTIONS = { npx: ['-p', '--package'], uvx: ['--from'] }
// A name and a version, range or tag from a registry: no folders, archives, addresses or extras.
const NPM_SPEC = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:@([\w.^~<>=*+-]+))?$/i
const PYTHON_SPEC = /^([a-z0-9][\w.-]*)(?:(?:@|==)([\w.+!-]+))?$/i
const EXACT_VERSION = { npx: /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/, uvx: /^\d[\w.+!-]*$/ }

/** Reads an entry that uses `npx` or `uvx`. Undefined for any other, and for one with options that may mean something else. */
export function readRunnerEntry({ command, args }: CommandLine): RunnerEntry | undefined {
  const runner = basename(command)
  if (runner !== 'npx' && runner !== 'uvx') return undefined
  const options = readOptions(runner, args)
  const [first, ...rest] = options?.positional ?? []
  if (options === undefined || first === undefined) return undefined
  const spec = options.from ?? first
  const [, packageName, version = ''] = (runner === 'npx' ? NPM_SPEC : PYTHON_SPEC).exec(spec) ?? []
  if (packageName === undefined) return undefined
  const exactVersion = EXACT_VERSION[runner].test(version) ? version : undefined
  return { runner, spec, packageName, exactVersion, bin: options.from === undefined ? undefined : first, args: rest }
}

interface RunnerOptions {
  from: string | undefined
  positional: readonly string[]
}

function readOptions(runner: RunnerEntry['runner'], args: readonly string[]): RunnerOptions | undefined {
  let from: string | undefined
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') return { from, positional: args.slice(i + 1) }
    if (!arg.startsWith('-')) return { from, positional: args.slice(i) }
    if (HARMLESS_OPTIONS[runner].includes(arg)) continue
    const [name = '', value = args[i + 1]] = arg.split(/=(.*)/s)
    if (!PACKAGE_OPTIONS[runner].includes(name) || from !== undefined) return undefined
    from = value
    if (!arg.includes('=')) i++
  }
  return undefined
}
