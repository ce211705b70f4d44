import type { Client } from './client.ts'
import { type LogLevel, mostVerbose, reaches, UNSET_LOG_LEVEL } from './log-levels.ts'
import { askServer } from './router-calls.ts'
import { initializedClients, type RouterState } from './router-state.ts'

/**
 * Notes the level the server must be at so that every client gets what it asked for. Returns it where the server is to be told.
 * Until somebody asks for a level the server's own choice stands; from then on a client that set none counts as {@link UNSET_LOG_LEVEL}.
 */
export function changeServerLogLevel(state: RouterState): LogLevel | undefined {
  const level = wantedLogLevel(state)
  if (level === state.serverLogLevel) return undefined
  state.serverLogLevel = level
  return level
}

/** Tells a ready server the level it must be at, where that is another than it was told. */
export function adjustServerLogLevel(state: RouterState): void {
  if (state.server.name !== 'ready') return
  const level = changeServerLogLevel(state)
  if (level !== undefined) askServer(state, 'logging/setLevel', { level })
}

function wantedLogLevel(state: RouterState): LogLevel | undefined {
  const set = [...state.clients.values()].flatMap(({ logLevel }) => logLevel ?? [])
  if (set.length === 0 && state.serverLogLevel === undefined) return undefined
  const someUnset = initializedClients(state).some(({ logLevel }) => logLevel === undefined)
  return mostVerbose(someUnset ? [...set, UNSET_LOG_LEVEL] : set) ?? state.serverLogLevel
}

/** Whether a client gets a log message of a level. While nobody ever set one the server's own choice stands. */
export function wantsLogMessage(state: RouterState, client: Client, level: string | undefined): boolean {
  if (client.logLevel !== undefined) return reaches(level, client.logLevel)
  return state.serverLogLevel === undefined || reaches(level, UNSET_LOG_LEVEL)
}
