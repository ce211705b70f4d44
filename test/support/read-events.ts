import { EventStreamParser } from '../../worker-service/server-pool/connectors/remote/event-stream-parser.ts'

/** A server-sent event as it was read. */
export interface ReadEvent {
  event: string
  data: string
}

/** The server-sent events of a response as they come. To stop reading closes the connection. */
export async function* readEvents({ body }: Response): AsyncGenerator<ReadEvent, void, void> {
  if (body === null) throw new Error('The response has no body.')
  const read: ReadEvent[] = []
  const parser = new EventStreamParser(
    {
      event: ({ type, data }) => void read.push({ event: type, data: data.toString() }),
      oversizedEvent: () => {
        throw new Error('An event is larger than any should be.')
      },
      retry: () => {},
    },
    { maxEventBytes: 16 * 1024 * 1024 },
  )
  for await (const chunk of body) {
    parser.push(Buffer.from(chunk))
    yield* read.splice(0)
  }
}
