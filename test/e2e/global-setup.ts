import type { TestProject } from 'vitest/node'
import { buildImages } from '../support/compose-stack.ts'
import { type DockerState, findDocker } from '../support/docker.ts'

/** Builds the images once for all suites, or says in one line why they are skipped. */
export async function setup({ provide }: TestProject): Promise<void> {
  const found = await findDocker(process.env)
  if (found.kind === 'skipped') process.stdout.write(`End-to-end tests are skipped: ${found.reason}.\n`)
  provide('docker', found.kind === 'ready' ? await build() : found)
}

// A build that fails is told by the suites that need it, so that the other tests run all the same.
async function build(): Promise<DockerState> {
  try {
    await buildImages()
    return { kind: 'ready' }
  } catch (thrown) {
    return { kind: 'failed', reason: `The images could not be built. ${String(thrown)}` }
  }
}
