import type { ConnectionEnd } from './connectors/connector.ts'

/** How the connection of a server ended, as a sentence about it. */
export function describeEnd(server: string, end: ConnectionEnd): string {
  switch (end.kind) {
    case 'stopped':
      return `server "${server}": it was stopped.`
    case 'input-closed':
      return `server "${server}": it closed its input.`
    case 'lost':
      // The error of a connection names the server itself.
      return end.error.message
    case 'exited': {
      const how = end.signal === null ? `it exited with code ${end.code}.` : `it was ended by ${end.signal}.`
      return `server "${server}": ${how}`
    }
  }
}
