import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Message } from '../support/fake-servers.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { untilUnderWay } from '../support/until-under-way.ts'

const ASKS = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../fixtures/servers/asks-caller.cjs')],
}
const ABLE = { elicitation: {}, sampling: {} }

/** A client that answers each question with its own name. */
async function open(worker: OwnWorker, name: string, asked: string[]): Promise<LineClient> {
  const answer = ({ method, id }: Message) => {
    if (method === undefined || id === undefined) return
    asked.push(`${name} ${method}`)
    client.send({ id, result: { by: name } })
  }
  const path = worker.socketOf('asks')
  const client = await LineClient.open(path, answer, ABLE)
  return client
}

it('a server that asks for the first time while several clients have calls there gets its answers, and each its own process later', async () => {
  await using worker = await OwnWorker.start({ mcpServers: { asks: ASKS } })
  const asked: string[] = []
  const instances = async () => (await worker.row('asks')).instances
  {
    using ada = await open(worker, 'Ada', asked)
    using bob = await open(worker, 'Bob', asked)
    const waits = bob.call('wait', { forMs: 1_000 })
    await untilUnderWay(waits, async () => {
      const { in_flight: inFlight, state } = await worker.row('asks')
      return inFlight === 1 && state === 'ready'
    })
    const answers = [{ by: 'Ada' }, { by: 'Ada' }]
    expect(await ada.call('ask', { token: 't' })).toMatchObject({ result: { structuredContent: { answers } } })
    expect(await waits).toMatchObject({ result: {} })
    expect(asked).toEqual(['Ada elicitation/create', 'Ada sampling/createMessage'])
    expect(await instances()).toBe(1)
  }
  await worker.restart()
  using ada = await open(worker, 'Ada', asked)
  using bob = await open(worker, 'Bob', asked)
  const calls = [ada, bob].map((client) => client.call('ask', { token: 't', atOnce: true }))
  for (const [index, by] of ['Ada', 'Bob'].entries())
    expect(await calls[index]).toMatchObject({ result: { structuredContent: { answers: [{ by }, { by }] } } })
  expect(await instances()).toBe(2)
})
