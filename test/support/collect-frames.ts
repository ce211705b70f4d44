import type { Connection } from '../../worker-service/server-pool/connectors/connector.ts'

/** Collects what a connection delivers, in order; `next` waits for the frame after those already taken. */
export function collectFrames(connection: Connection) {
  const arrived: string[] = []
  const waiting: ((frame: string) => void)[] = []
  const seen = { oversized: 0, drained: 0 }
  connection.receive({
    frame(bytes) {
      const text = bytes.toString()
      const wanted = waiting.shift()
      if (wanted === undefined) arrived.push(text)
      else wanted(text)
    },
    oversizedFrame: () => void seen.oversized++,
    drained: () => void seen.drained++,
  })
  const next = async () => arrived.shift() ?? new Promise<string>((resolve) => waiting.push(resolve))
  return { seen, next, nextMessage: async (): Promise<unknown> => JSON.parse(await next()) }
}
