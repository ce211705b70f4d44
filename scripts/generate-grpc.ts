import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const GRPC = join(ROOT, 'worker-service/grpc')
const BINARIES = join(ROOT, 'node_modules/.bin')

/** Generates the code of the protocol files into the folder `generated` of this one. Needs no network: every plugin is a package of ours. */
export async function generateGrpc(into = GRPC): Promise<void> {
  await buf('generate', '--output', into)
  const descriptors = await buf('build', '--as-file-descriptor-set', '--exclude-source-info', '--output', '-')
  await writeFile(join(into, 'generated/descriptors.ts'), toModule(descriptors.toString('base64')))
}

async function buf(...args: string[]): Promise<Buffer> {
  const env = { ...process.env, PATH: `${BINARIES}${delimiter}${process.env.PATH}` }
  const options = { cwd: GRPC, env, encoding: 'buffer' } as const
  return (await promisify(execFile)(join(BINARIES, 'buf'), args, options)).stdout
}

function toModule(base64: string): string {
  const lines = base64.match(/.{1,120}/g) ?? []
  return `// Made by scripts/generate-grpc.ts of the protocol files: change those.

/** A google.protobuf.FileDescriptorSet of every protocol file, in base64. */
export const DESCRIPTORS = \`
${lines.join('\n')}
\`
`
}

if (import.meta.main) await generateGrpc()
