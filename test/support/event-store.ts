import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

/** Keeps the events of the official SDK's server in memory, in their order, so that its streams can be resumed. */
export function createEventStore(): EventStore {
  const events: { streamId: string; message: JSONRPCMessage }[] = []
  return {
    storeEvent: async (streamId, message) => String(events.push({ streamId, message })),
    async replayEventsAfter(lastEventId, { send }) {
      const streamId = events[Number(lastEventId) - 1]?.streamId ?? ''
      for (const [index, event] of [...events.entries()].slice(Number(lastEventId))) {
        if (event.streamId === streamId) await send(String(index + 1), event.message)
      }
      return streamId
    },
  }
}
