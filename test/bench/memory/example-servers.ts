import { join } from 'node:path'

/** A real server, and a call that it answers. */
export interface ExampleServer {
  readonly name: string
  readonly command: string
  readonly args: string[]
  readonly call: { readonly name: string; readonly arguments: Record<string, unknown> }
}

type Kind = 'everything' | 'filesystem' | 'memory' | 'sequential-thinking'

const PACKAGES = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol')
const KINDS: readonly Kind[] = ['everything', 'filesystem', 'memory', 'sequential-thinking']

/** The four servers of the examples, under so many names. `folder` is what they may read. */
export function exampleServers(count: number, folder: string): ExampleServer[] {
  const thought = { thought: 'hello', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 }
  const kinds: Record<Kind, Pick<ExampleServer, 'args' | 'call'>> = {
    everything: { args: ['stdio'], call: { name: 'echo', arguments: { message: 'hello' } } },
    filesystem: { args: [folder], call: { name: 'list_directory', arguments: { path: folder } } },
    memory: { args: [], call: { name: 'read_graph', arguments: {} } },
    'sequential-thinking': { args: [], call: { name: 'sequentialthinking', arguments: thought } },
  }
  return Array.from({ length: count }, (_, index) => {
    const kind = KINDS[index % KINDS.length] ?? 'everything'
    const { args, call } = kinds[kind]
    const program = join(PACKAGES, `server-${kind}/dist/index.js`)
    return { name: `${kind}-${index}`, command: process.execPath, args: [program, ...args], call }
  })
}
