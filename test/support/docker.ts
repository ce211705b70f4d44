import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** What the end-to-end tests have to run on; otherwise a line that says why they are skipped, or why that is a failure. */
export type DockerState = { kind: 'ready' } | { kind: 'skipped'; reason: string } | { kind: 'failed'; reason: string }

declare module 'vitest' {
  interface ProvidedContext {
    docker: DockerState
  }
}

/** A program, its arguments and its whole environment. */
export interface CommandLine {
  program: string
  programArgs: string[]
  environment: Record<string, string>
}

/** What of `docker inspect` the tests look at, as Docker spells it. */
export interface ContainerInspection {
  State: { Status: string; ExitCode: number; Health?: { Status: string } }
  Config: { Healthcheck: { Test: string[] } }
  HostConfig: { ReadonlyRootfs: boolean; Memory: number; PidsLimit: number; Init: boolean | null }
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
}

/** Looks for a Docker engine and Compose. `PILOTLIGHT_REQUIRE_DOCKER=1` makes their absence a failure. */
export async function findDocker(variables: Readonly<Record<string, string | undefined>>): Promise<DockerState> {
  const missing = await whatIsMissing()
  if (missing === undefined) return { kind: 'ready' }
  if (variables.PILOTLIGHT_REQUIRE_DOCKER !== '1') return { kind: 'skipped', reason: missing }
  return { kind: 'failed', reason: `${missing}, and PILOTLIGHT_REQUIRE_DOCKER=1 asks for it` }
}

async function whatIsMissing(): Promise<string | undefined> {
  if (!(await succeeds('docker', 'version'))) return 'no Docker engine answers'
  const [program, ...args] = await composeCommand()
  return (await succeeds(program, ...args, 'version')) ? undefined : 'Docker Compose is not installed'
}

/** Whether suites that need Docker can run. Throws where they should but cannot, so that they fail with the reason. */
export function dockerIsReady(): boolean {
  const state = inject('docker')
  if (state.kind === 'failed') throw new Error(state.reason)
  return state.kind === 'ready'
}

/** How Compose is called here: as a part of `docker`, or as the program of its own that it used to be. */
export async function composeCommand(): Promise<[string, ...string[]]> {
  return (await succeeds('docker', 'compose', 'version')) ? ['docker', 'compose'] : ['docker-compose']
}

/** Runs `docker` and resolves with its standard output. Rejects with what it said when it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: MAX_OUTPUT_BYTES })
  return stdout.trim()
}

/** A command of `docker`, for a client that starts it itself. */
export function dockerCommand(...programArgs: string[]): CommandLine {
  return { program: 'docker', programArgs, environment: process.env as Record<string, string> }
}

/** The lines that `docker` prints, none when it prints nothing. */
export async function dockerLines(...args: readonly string[]): Promise<string[]> {
  const output = await docker(...args)
  return output === '' ? [] : output.split('\n')
}

/** What Docker knows of a container. */
export async function inspectContainer(id: string): Promise<ContainerInspection> {
  const [inspection] = JSON.parse(await docker('inspect', id)) as ContainerInspection[]
  if (inspection === undefined) throw new Error(`There is no container ${id}.`)
  return inspection
}

/** Runs a line of shell in a container and resolves with what it printed. */
export function execInContainer(id: string, line: string): Promise<string> {
  return docker('exec', id, 'sh', '-c', line)
}

function succeeds(program: string, ...args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  )
}
