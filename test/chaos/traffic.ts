import { seededRandom } from './seeded-random.ts'

/** One find_tools call of the run, by its number. Its agent comes back in the answer, so a swapped answer is noticed. */
export interface ChaosCall {
  id: number
  query: string
  agentId: string
}

const WANTS = [
  'read a text file',
  'list the folder',
  'write down what was said',
  'search the files for a word',
  'add two numbers',
  'create entities in the knowledge graph',
  'think step by step',
  'move a file to another place',
]
const REPEATED_SHARE = 0.05
const AGENTS = 64

/** The calls of a run, without end: nearly all different, now and then one said twice. They follow from the seed alone. */
export function* callsOf(seed: number): Generator<ChaosCall, never> {
  const random = seededRandom(seed)
  let query = ''
  let agentId = ''
  for (let id = 0; ; id++) {
    if (id === 0 || random() >= REPEATED_SHARE) {
      query = `${WANTS[Math.floor(random() * WANTS.length)]} (${id})`
      agentId = `agent-${Math.floor(random() * AGENTS)}`
    }
    yield { id, query, agentId }
  }
}

/** A call as the frame a client sends. */
export function toFrame({ id, query, agentId }: ChaosCall): string {
  const params = { name: 'find_tools', arguments: { query, agent_id: agentId, limit: 5, min_score: 0 } }
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
}
