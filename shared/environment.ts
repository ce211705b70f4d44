import { join, resolve } from 'node:path'
import { DEFAULT_MAX_LIMIT } from './contracts/find-tools-fields.ts'
import { OWN_TOOL_NAMES } from './contracts/own-tool-names.ts'
import { cacheFolder, configFolder, configurationPlace, stateFolder, type Variables } from './folders.ts'
import { LOG_LEVELS, type LogLevel } from './log-level.ts'
import { VariableReader } from './variable-reader.ts'
import { readWorkerRecord } from './worker-record.ts'

// Read without zod: the front reads it too, and must start as fast as an empty Node.

/** Which path answers find_tools: the worker with the one-shot behind it, or one of them alone. */
export type FindToolsMode = 'auto' | 'worker' | 'one-shot'

/** Who may call the open routes: `auto` asks for a token away from loopback, `token` always, `none` never. */
export type WorkerAuth = 'auto' | 'token' | 'none'

/** Everything the programs read from their environment, complete and checked. Times are milliseconds; folders are absolute paths. */
export interface Environment {
  configPath: string
  /** Files that stand for it where they are there instead; none for one that was named. */
  configAlternatives: string[]
  /** Values that the configuration refers to, out of sight of other programs. */
  variablesPath: string
  /** Who this is to servers that have a process for each client; undefined where each connection is somebody else. */
  client: string | undefined
  worker: {
    /** A worker that somebody else runs; undefined for this user's own. */
    url: string | undefined
    host: string
    /** Undefined where the configuration decides. */
    port: number | undefined
    requestTimeoutMs: number
    auth: WorkerAuth
    allowedHosts: string[]
    token: string | undefined
    tokenFile: string
  }
  selector: {
    /** Base URL of an external tool-selector API; undefined for the embedded selector. */
    url: string | undefined
    timeoutMs: number
    token: string | undefined
    lettaPassword: string | undefined
  }
  /** The Letta server to whose agents the embedded selector attaches what it found. */
  letta: {
    /** Undefined where agents are names that attachments are recorded under. */
    url: string | undefined
    /** How many tools of MCP servers an agent is left with at least. */
    minMcpTools: number
    /** Names of tools that stay attached, to the letter; ours are among them. */
    neverDetach: string[]
  }
  /** An OpenAI-compatible endpoint, with whose vectors the embedded selector searches by meaning as well. */
  embeddings: {
    /** Undefined where tools are found by words alone. */
    url: string | undefined
    model: string
    apiKey: string | undefined
    /** How long a search waits for the vector of its query. */
    timeoutMs: number
  }
  findTools: { maxLimit: number; mode: FindToolsMode; processTimeoutMs: number }
  folders: { runtime: string; state: string; cache: string }
  /** Whether programs that need a worker may start one; undefined where the configuration decides. */
  autoStart: boolean | undefined
  /** Ends the names of what each configuration has of its own; empty for the default one. */
  suffix: string
  /** Where a worker in the background logs. */
  workerLogPath: string
  /** Undefined where the configuration decides. */
  logLevel: LogLevel | undefined
}

const ALTERNATIVES = ['mcp.yaml', 'mcp.yml', 'mcp.toml']

/** Where the worker listens unless it is told otherwise. */
export const DEFAULT_WORKER_PORT = 3021

const DEFAULT_EMBEDDINGS_MODEL = 'text-embedding-3-small'

/** Reads the environment once. Throws one `invalid_configuration` that lists every mistake; an empty value means unset. */
export function readEnvironment(variables: Variables): Environment {
  const read = new VariableReader(variables)
  const { configPath, runtime, isDefault, suffix } = configurationPlace(variables)
  const config = configFolder(variables)
  const state = stateFolder(variables)
  const environment: Environment = {
    configPath,
    configAlternatives: isDefault ? ALTERNATIVES.map((name) => join(config, name)) : [],
    variablesPath: join(config, 'env'),
    client: read.text('PILOTLIGHT_CLIENT'),
    worker: {
      url: read.url('WORKER_SERVICE_URL'),
      host: read.text('WORKER_SERVICE_HOST') ?? '127.0.0.1',
      port: read.integer('WORKER_SERVICE_PORT', { byDefault: undefined, min: 0, max: 65_535 }),
      requestTimeoutMs: read.milliseconds('WORKER_REQUEST_TIMEOUT_MS', 30_000),
      auth: read.choice('WORKER_AUTH', ['auto', 'token', 'none']),
      allowedHosts: read.list('WORKER_ALLOWED_HOSTS'),
      token: read.text('PILOTLIGHT_TOKEN'),
      tokenFile: resolve(read.text('PILOTLIGHT_TOKEN_FILE') ?? join(runtime, 'token')),
    },
    selector: {
      url: read.url('TOOL_SELECTOR_URL') ?? read.url('TOOLS_API_BASE_URL'),
      timeoutMs: read.milliseconds('TOOL_SELECTOR_TIMEOUT_MS', 15_000),
      token: read.text('TOOL_SELECTOR_TOKEN'),
      lettaPassword: read.text('LETTA_PASSWORD'),
    },
    letta: {
      url: read.url('LETTA_API_URL'),
      minMcpTools: read.integer('MIN_MCP_TOOLS', { byDefault: 7, min: 0, max: 1_000 }),
      neverDetach: [...OWN_TOOL_NAMES, ...read.list('NEVER_DETACH_TOOLS')],
    },
    embeddings: {
      url: read.urlOf('EMBEDDINGS_URL', 'EMBEDDINGS_MODEL'),
      model: read.text('EMBEDDINGS_MODEL') ?? DEFAULT_EMBEDDINGS_MODEL,
      apiKey: read.text('OPENAI_API_KEY'),
      timeoutMs: read.milliseconds('EMBEDDINGS_TIMEOUT_MS', 1_000),
    },
    findTools: {
      maxLimit: read.integer('FIND_TOOLS_MAX_LIMIT', { byDefault: DEFAULT_MAX_LIMIT, min: 1, max: 1_000 }),
      mode: read.choice('FIND_TOOLS_MODE', ['auto', 'worker', 'one-shot']),
      processTimeoutMs: read.milliseconds('FIND_TOOLS_PROCESS_TIMEOUT', 30_000),
    },
    folders: { runtime, state, cache: cacheFolder(variables) },
    autoStart: read.flag('WORKER_AUTO_START'),
    suffix,
    workerLogPath: join(state, `worker${suffix}.log`),
    logLevel: read.optionalChoice('WORKER_LOG_LEVEL', LOG_LEVELS),
  }
  read.throwMistakes()
  return environment
}

/**
 * Where the worker is: the given URL, else where this user's own says that it is, or was last, else the port that it would have. One bound
 * to every address is met on loopback.
 */
export function workerUrl({ worker, folders }: Environment): string {
  if (worker.url !== undefined) return worker.url
  const host = worker.host.includes(':') ? `[${worker.host}]` : worker.host
  const url = readWorkerRecord(folders.runtime)?.url ?? `http://${host}:${worker.port ?? DEFAULT_WORKER_PORT}`
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}
