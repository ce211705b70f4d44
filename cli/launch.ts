#!/usr/bin/env node
import { join } from 'node:path'
import { compileCacheFolder } from '../shared/files/compile-cache.ts'
import { loadCompiledProgram } from '../shared/files/compiled-program.ts'
import { cacheFolder } from '../shared/folders.ts'
import { endWithoutOutput, OutputLost } from '../shared/standard-streams.ts'

const UNSUPPORTED_MACHINE = 69
const PROGRAM = join(import.meta.dirname, '../dist/commands.cjs')
// Commands that are done in about the time that Node takes to start.
const QUICK = ['call', 'find']

/** Runs `pilot`. What can be quick runs as it was compiled by one before it, and ends without being taken apart. */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  const unsupported = whyUnsupported()
  if (unsupported !== undefined) {
    process.stderr.write(`${unsupported}\n`)
    process.exitCode = UNSUPPORTED_MACHINE
    return
  }
  const [first = ''] = args
  try {
    await (QUICK.includes(first) ? runQuickly(first, args) : run(args))
  } catch (thrown) {
    if (!OutputLost.is(thrown)) throw thrown
    endWithoutOutput(thrown)
  }
}

async function run(args: readonly string[]): Promise<void> {
  const folder = compileCacheFolder(process.env)
  if (folder !== undefined) process.getBuiltinModule('node:module').enableCompileCache(folder)
  await (await import('./main.ts')).main(args)
}

async function runQuickly(command: string, args: readonly string[]): Promise<void> {
  // By command: what the other one has compiled is not what this one needs.
  const folder = join(cacheFolder(process.env), 'code', command)
  const { exports, keep } = loadCompiledProgram<typeof import('./main.ts')>(PROGRAM, folder)
  await exports.main(args, async (hasWrittenAll) => {
    // What a failure has compiled is not what the next one needs.
    if (process.exitCode === undefined) await keep()
    // To take the process apart would cost a fifteenth of its whole life. Where a reader is slow it ends by itself when all is written.
    if (hasWrittenAll) process.exit()
  })
}

function whyUnsupported(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 22)) {
    return `pilot needs Node 22.22 or newer; this is ${process.version}.`
  }
  if (process.platform === 'win32') return 'pilot does not run on Windows itself; run it in WSL.'
  return undefined
}
