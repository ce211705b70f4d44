import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A package at one version. */
export interface PinnedPackage {
  readonly name: string
  readonly version: string
}

/** Installs a package into a folder, without running its scripts. Rejects with what npm said. */
export async function npmInstall(folder: string, { name, version }: PinnedPackage, signal: AbortSignal): Promise<void> {
  const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']
  const npm = spawn('npm', ['install', ...options, `${name}@${version}`], {
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const errors = text(npm.stderr)
  const [exitCode] = (await once(npm, 'close')) as [number | null]
  if (exitCode !== 0) throw new Error(`${name} cannot be installed. npm said:\n${await errors}`)
}
