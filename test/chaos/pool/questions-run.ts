import { unlessAborted } from '../../../shared/deadline.ts'
import { formatCount } from '../../bench/format.ts'
import type { Message } from '../../support/fake-servers.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import type { LineClient } from '../../support/line-client.ts'
import { none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { PoolStage } from './pool-stage.ts'
import { type PromiseRun, sizeOf } from './promise-run.ts'

const CALLS = 10_000
const CLIENTS = ['Ada', 'Bob']
const CAPABILITIES = { elicitation: {}, sampling: {} }

interface Tally {
  /** Questions about another client's call. */
  strayed: number
  /** Calls that got answers of another client, or none. */
  wrongAnswers: number
  /** Calls whose questions could not be attributed, before the clients took turns. */
  unattributed: number
}

/** What a server asks reaches the client whose call it asks for, and the answer goes back to that call. */
export const questionsRun: PromiseRun = {
  id: 'P1b',
  title: 'a client is asked only its own questions',
  schedule: (plan) => [
    `${formatCount(sizeOf(CALLS, plan))} calls, seed ${plan.seed}: two clients of one server, each with one to three calls at once, which asks for elicitation and sampling in each`,
  ],
  run: async (plan, signal) => {
    const entry = fixtureEntry('asks-caller', [], { share: 'all' })
    await using stage = await PoolStage.start({ asks: entry })
    const random = seededRandom(plan.seed)
    const tally: Tally = { strayed: 0, wrongAnswers: 0, unattributed: 0 }
    let left = sizeOf(CALLS, plan)
    const lane = async (name: string, client: LineClient) => {
      while (left > 0 && !signal.aborted) {
        left--
        const calls = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => {
          const token = `${name} ${left} ${index}`
          return unlessAborted(client.call('ask', { token, atOnce: random() < 0.5 }), signal)
        })
        for (const answer of await Promise.all(calls)) judge(answer, { name, tally })
        plan.say(`${formatCount(left)} calls to go`)
      }
    }
    const clients = await Promise.all(CLIENTS.map((name) => openClient(stage, { name, tally })))
    await Promise.all(CLIENTS.map((name, index) => lane(name, clients[index] as LineClient)))
    plan.note(` ${tally.unattributed} calls asked before it was known that the server asks`)
    return [
      none('questions about the call of another client', tally.strayed),
      none('calls with the answers of another client', tally.wrongAnswers),
    ]
  },
}

/** A client that answers each question with its own name. */
async function openClient(stage: PoolStage, { name, tally }: { name: string; tally: Tally }): Promise<LineClient> {
  const answer = ({ id, method, params }: Message) => {
    if (id === undefined || method === undefined) return
    if (!JSON.stringify(params).includes(`"${name} `)) tally.strayed++
    client.send({ id, result: { by: name } })
  }
  const client: LineClient = await stage.open('asks', answer, CAPABILITIES)
  return client
}

function judge({ result }: Message, { name, tally }: { name: string; tally: Tally }): void {
  const { answers } = (result?.structuredContent ?? {}) as { answers?: Array<{ by?: string; error?: object }> }
  if (answers?.some(({ error }) => error !== undefined)) tally.unattributed++
  else if (answers?.length !== 2 || answers.some(({ by }) => by !== name)) tally.wrongAnswers++
}
