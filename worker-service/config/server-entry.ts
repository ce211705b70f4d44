import { flag, numberFrom, oneOf, type Section, text, textByName, texts, wholeNumber } from './section-reader.ts'

const timeoutMs = wholeNumber(1, 3_600_000)

/** What can be said of every server, in its entry or for all of them in the `pool` section. */
export const SERVER_SETTINGS = {
  autoStart: flag,
  keepAliveMinutes: numberFrom(0),
  maxClients: wholeNumber(1, 1_000_000),
  share: oneOf('auto', 'all', 'client', 'project'),
  startTimeoutMs: timeoutMs,
  callTimeoutMs: timeoutMs,
  heartbeatSeconds: numberFrom(0),
  maxMessageBytes: wholeNumber(1_024, 1_073_741_824),
  maxMemoryMb: numberFrom(1),
  onToolChange: oneOf('warn', 'block', 'off'),
  disabled: flag,
  includeTools: texts,
  excludeTools: texts,
  pinnedTools: texts,
}

/** One entry of `mcpServers`. */
export const SERVER_ENTRY = {
  ...SERVER_SETTINGS,
  type: oneOf('stdio', 'http', 'streamable-http', 'streamableHttp', 'sse'),
  command: text,
  args: texts,
  env: textByName,
  cwd: text,
  url: text,
  headers: textByName,
}

/** Settings of one server or of all. Times and sizes are in the unit their name ends in. */
export type ServerSettings = Section<typeof SERVER_SETTINGS>

/** An entry whose members have the right types; whether they go together is not yet known. */
export type ServerEntry = Section<typeof SERVER_ENTRY>
