import type { ConnectionEnd } from './connectors/connector.ts'

/** How a connection ended, as the end of a sentence about its server. */
export function describeEnd(end: ConnectionEnd): string {
  switch (end.kind) {
    case 'stopped':
      return 'it was stopped.'
    case 'input-closed':
      return 'it closed its input.'
    case 'lost':
      return end.error.message
    case 'exited':
      return end.signal === null ? `it exited with code ${end.code}.` : `it was ended by ${end.signal}.`
  }
}
