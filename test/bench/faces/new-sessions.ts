import type { OwnWorker } from '../../support/own-worker.ts'
import { type Times, takeTurns } from '../pool/measure.ts'
import { type Command, openSdkClient } from '../pool/sdk-client.ts'
import { SERVER } from '../pool/stage.ts'
import { callText } from './stage.ts'

/** What a client can start to have a session. */
export type Start = 'direct' | 'connect' | 'mcp'

/** Milliseconds from the start of a process to the first result of a tool, of the server itself and of what leads to the warm one. */
export function measureNewSessions(
  { worker, starts }: { worker: OwnWorker; starts: readonly Start[] },
  rounds: number,
  signal: AbortSignal,
): Promise<Times<Start>> {
  const commands: Record<Start, Command> = {
    direct: { ...SERVER, env: {} },
    connect: worker.connect('bench'),
    mcp: worker.front(),
  }
  const contestants = starts.map((path) => ({ path, command: commands[path] }))
  return takeTurns(contestants, rounds, async ({ command }) => {
    signal.throwIfAborted()
    return [await timeSession(command)]
  })
}

async function timeSession(command: Command): Promise<number> {
  const startedAt = performance.now()
  const { client } = await openSdkClient(command)
  try {
    await callText(client, 20)
    return performance.now() - startedAt
  } finally {
    await client.close()
  }
}
