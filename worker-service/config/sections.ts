import { LOG_LEVELS } from '../../shared/log-level.ts'
import {
  flag,
  ignored,
  nested,
  numberFrom,
  oneOf,
  type Section,
  text,
  textByName,
  texts,
  wholeNumber,
  words,
} from './section-reader.ts'
import { servers } from './servers-reader.ts'

const MAX_MINUTES = 7 * 24 * 60
const timeMs = wholeNumber(1, 3_600_000)

/** How a server that crashes is started again. */
export const RESTART_SETTINGS = {
  minDelayMs: timeMs,
  maxDelayMs: timeMs,
  stableAfterMs: timeMs,
  maxCrashes: wholeNumber(1, 1_000_000),
  crashWindowMs: timeMs,
  probeEveryMs: timeMs,
}

/** What can be said of every server, in its entry or for all of them in the `pool` section. */
export const SERVER_SETTINGS = {
  autoStart: flag,
  keepAliveMinutes: numberFrom(0, MAX_MINUTES),
  /** The same in seconds, as other programs have it. */
  idleTimeout: numberFrom(0, MAX_MINUTES * 60),
  maxClients: wholeNumber(1, 1_000_000),
  share: oneOf('auto', 'all', 'client', 'project'),
  startTimeoutMs: timeMs,
  callTimeoutMs: timeMs,
  restart: nested(RESTART_SETTINGS),
  heartbeatSeconds: numberFrom(0, 86_400),
  maxMessageBytes: wholeNumber(1_024, 1_073_741_824),
  maxResultBytes: wholeNumber(0, 1_073_741_824),
  maxMemoryMb: numberFrom(1),
  onToolChange: oneOf('warn', 'block', 'off'),
  disabled: flag,
  includeTools: texts,
  excludeTools: texts,
  pinnedTools: texts,
}

/** How to log in to a remote server by OAuth, where that is not left to what the server and we find out. */
export const OAUTH_SETTINGS = {
  clientId: text,
  clientSecret: text,
  privateKey: text,
  algorithm: oneOf('ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA'),
  issuer: text,
  clientMetadataUrl: text,
  scope: words,
  /** The same, as other programs have it. */
  scopes: words,
  grant: oneOf('authorization_code', 'client_credentials'),
}

const TRANSPORT = oneOf('stdio', 'http', 'streamable-http', 'streamableHttp', 'sse')

/** One entry of `mcpServers`. */
export const SERVER_ENTRY = {
  ...SERVER_SETTINGS,
  type: TRANSPORT,
  /** The same, as other programs have it. */
  transport: TRANSPORT,
  /** The opposite of `disabled`, as other programs have it. */
  enabled: flag,
  command: text,
  args: texts,
  env: textByName,
  cwd: text,
  url: text,
  headers: textByName,
  oauth: nested(OAUTH_SETTINGS),
  // What clients keep in such entries for themselves.
  alwaysAllow: ignored,
  autoApprove: ignored,
  description: ignored,
  dev: ignored,
  disabledTools: ignored,
  gallery: ignored,
  name: ignored,
  timeout: ignored,
  trust: ignored,
  version: ignored,
}

/** The `pool` section: settings for every server, and limits for all together. */
export const POOL_SECTION = {
  ...SERVER_SETTINGS,
  maxSize: wholeNumber(1, 1_000_000),
  /** False has commands use servers of their own process. */
  enabled: flag,
  /** More servers, or more about servers, as earlier tools have it. */
  apps: servers,
}

/** The `service` section: what is said of the worker itself. */
export const SERVICE_SECTION = {
  autoStart: flag,
  autoShutdownMinutes: numberFrom(0, MAX_MINUTES),
  port: wholeNumber(0, 65_535),
  logLevel: oneOf(...LOG_LEVELS),
  grpcPort: wholeNumber(0, 65_535),
  /** More servers, or more about servers, as earlier tools have it. */
  proxies: servers,
}

/** A whole configuration. */
export const DOCUMENT = {
  mcpServers: servers,
  /** The same, as other programs have it. */
  servers,
  pool: nested(POOL_SECTION),
  service: nested(SERVICE_SECTION),
  /** Where editors find out what may stand here. */
  $schema: text,
  // What clients keep in such files for themselves.
  inputs: ignored,
  globalShortcut: ignored,
  preferences: ignored,
}

/** Settings of one server or of all, as written. Times and sizes are in the unit their name ends in. */
export type WrittenSettings = Section<typeof SERVER_SETTINGS>

/** An entry whose members have the right types; whether they go together is not yet known. */
export type ServerEntry = Section<typeof SERVER_ENTRY>

/** The `oauth` of an entry, as written. */
export type WrittenOAuth = Section<typeof OAUTH_SETTINGS>

/** A `service` section, as written. */
export type WrittenService = Omit<Section<typeof SERVICE_SECTION>, 'proxies'>
