import { DEFAULT_POOL_LIMITS, DEFAULT_SERVER_SETTINGS } from '../server-pool/server-definition.ts'
import { type JsonSchema, type Readers, schemaOf } from './section-reader.ts'
import {
  DOCUMENT,
  OAUTH_SETTINGS,
  POOL_SECTION,
  RESTART_SETTINGS,
  SERVER_ENTRY,
  SERVER_SETTINGS,
  SERVICE_SECTION,
} from './sections.ts'
import { DEFAULT_SERVICE_SETTINGS } from './service-settings.ts'

/** Of each member that editors are to offer what it means, and what holds without it. */
type Descriptions<R extends Readers> = Partial<Record<keyof R, string | readonly [meaning: string, byDefault: unknown]>>

const MS_PER_MINUTE = 60_000
const settings = DEFAULT_SERVER_SETTINGS

const RESTART: Descriptions<typeof RESTART_SETTINGS> = {
  minDelayMs: ['The longest wait before the first restart; each further one doubles it.', settings.restart.minDelayMs],
  maxDelayMs: ['The longest wait before any restart.', settings.restart.maxDelayMs],
  stableAfterMs: ['Running for so long forgives the crashes before.', settings.restart.stableAfterMs],
  maxCrashes: ['So many crashes within crashWindowMs make the server failed.', settings.restart.maxCrashes],
  crashWindowMs: ['The time in which crashes are counted.', settings.restart.crashWindowMs],
  probeEveryMs: ['How often a failed server is tried again.', settings.restart.probeEveryMs],
}

const SETTINGS: Descriptions<typeof SERVER_SETTINGS> = {
  autoStart: ['Start with the service instead of on first use.', settings.autoStart],
  keepAliveMinutes: [
    'Stop when unused for so long; 0 as soon as nothing is in flight.',
    settings.keepAliveMs / MS_PER_MINUTE,
  ],
  idleTimeout: 'keepAliveMinutes in seconds, as other programs have it.',
  maxClients: ['How many clients may have it open at once.', settings.maxClients],
  share: [
    'One process for all clients, one for each client, one for each working directory, or found out.',
    settings.share,
  ],
  startTimeoutMs: ['How long a start may take.', settings.startTimeoutMs],
  callTimeoutMs: ['How long a call may take without progress.', settings.callTimeoutMs],
  restart: 'How a server that crashes is started again.',
  heartbeatSeconds: ['How often an idle server is asked for a sign of life; 0 never.', settings.heartbeatMs / 1_000],
  maxMessageBytes: ['The largest single message in either direction.', settings.maxMessageBytes],
  maxResultBytes: [
    'The largest text of a result that a client of all servers is given at once; 0 for any.',
    settings.maxResultBytes,
  ],
  maxMemoryMb: 'Above this its process is restarted as soon as it is idle.',
  onToolChange: [
    'What becomes of tools that are not as they were accepted: served and flagged, withheld, or not looked at.',
    settings.onToolChange,
  ],
  disabled: ['Switched off: neither started nor found.', false],
  includeTools: 'Names of tools, * and ? allowed; the others are left out.',
  excludeTools: 'Names of tools that are left out, * and ? allowed.',
  pinnedTools: 'Names of tools that are always attached, * and ? allowed.',
}

const ENTRY: Descriptions<typeof SERVER_ENTRY> = {
  ...SETTINGS,
  type: 'How the server is reached; by default stdio with a command, http with a url.',
  transport: 'The same as type, as other programs have it.',
  enabled: 'The opposite of disabled, as other programs have it.',
  command: 'The program to start; ${VAR} and ${VAR:-default} are expanded.',
  args: 'Its arguments; variables are expanded.',
  env: 'Variables of its environment; variables in their values are expanded.',
  cwd: 'Its working directory, absolute, from ~ or from the folder of this file.',
  url: 'Where a remote server is: http or https; variables are expanded.',
  headers: 'Headers that it is sent; variables in their values are expanded.',
  oauth: 'How to log in to it, where it cannot find that out by itself.',
}

const OAUTH: Descriptions<typeof OAUTH_SETTINGS> = {
  clientId: 'The client we are registered as; without it we register ourselves.',
  clientSecret: 'Its secret; better as a variable.',
  privateKey: 'A private key (PKCS #8 as PEM) that stands for the secret.',
  algorithm: 'The algorithm of the private key.',
  issuer: 'The authorization server that may see the secret.',
  clientMetadataUrl: 'The https URL of a document that describes us.',
  scope: 'What to ask for, words with spaces between them.',
  scopes: 'The same as scope, as other programs have it.',
  grant: 'Whether somebody logs in, or the client itself does.',
}

const POOL: Descriptions<typeof POOL_SECTION> = {
  ...SETTINGS,
  maxSize: [
    'How many servers may live at once; the least recently used idle one makes room.',
    DEFAULT_POOL_LIMITS.maxSize,
  ],
  enabled: ['False has commands use servers of their own process, as --direct does.', true],
  apps: 'More servers, or more about servers, as earlier tools have it.',
}

const SERVICE: Descriptions<typeof SERVICE_SECTION> = {
  autoStart: ['Whether a command that needs the worker may start it.', DEFAULT_SERVICE_SETTINGS.autoStart],
  autoShutdownMinutes: [
    'A worker in the background stops after so long without clients and calls; 0 never.',
    (DEFAULT_SERVICE_SETTINGS.autoShutdownMs ?? 0) / MS_PER_MINUTE,
  ],
  port: 'Where the worker listens (3021, or WORKER_SERVICE_PORT, which wins).',
  logLevel: 'How much the worker logs (info, or WORKER_LOG_LEVEL, which wins).',
  grpcPort: 'Where gRPC listens on TCP as well; without it on its socket alone.',
  proxies: 'More servers, or more about servers, as earlier tools have it.',
}

const TOP: Descriptions<typeof DOCUMENT> = {
  mcpServers: 'The MCP servers, by their names.',
  servers: 'The same, as other programs have it.',
  pool: 'Settings for every server, which its entry can override, and limits for all together.',
  service: 'What is said of the worker itself.',
  $schema: 'Where editors find out what may stand here.',
}

/** What editors are told of a configuration, made from what reads it. Keys in snake_case and those of other programs are allowed. */
export function configurationSchema(): JsonSchema {
  const restart = described(RESTART_SETTINGS, RESTART)
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Pilotlight configuration',
    ...described(DOCUMENT, TOP, {
      pool: described(POOL_SECTION, POOL, { restart }),
      service: described(SERVICE_SECTION, SERVICE),
    }),
    definitions: { server: described(SERVER_ENTRY, ENTRY, { restart, oauth: described(OAUTH_SETTINGS, OAUTH) }) },
  }
}

function described<R extends Readers>(
  readers: R,
  descriptions: Descriptions<R>,
  inner: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  const schema = schemaOf(readers)
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const [description, byDefault] = [descriptions[name] ?? []].flat()
    return [name, { description, ...(byDefault !== undefined && { default: byDefault }), ...(inner[name] ?? property) }]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}
