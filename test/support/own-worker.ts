import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Readiness } from '../../shared/contracts/health.ts'
import type { ServerStatus, Status } from '../../shared/contracts/server-status.ts'
import { readEnvironment } from '../../shared/environment.ts'
import { allServersSocketPath, serverSocketPath } from '../../shared/server-socket.ts'
import { findFreePort } from './free-port.ts'
import type { Program } from './program.ts'
import { createTemporaryHome, type TemporaryHome } from './temporary-home.ts'
import { PILOT, startWorker } from './worker-process.ts'

const TOKEN = 'test-token'

/** A worker as it ships, in a home of its own, over the servers of a configuration. */
export class OwnWorker implements AsyncDisposable {
  readonly home: TemporaryHome
  readonly url: string
  readonly token = TOKEN
  /** What `pilot` commands need in their environment to meet it. */
  readonly variables: Readonly<Record<string, string>>
  readonly configPath: string
  readonly #port: number
  #program: Program

  private constructor(parts: { home: TemporaryHome; port: number; program: Program } & Surroundings) {
    this.home = parts.home
    this.variables = parts.variables
    this.configPath = parts.configPath
    this.#program = parts.program
    this.#port = parts.port
    this.url = `http://127.0.0.1:${parts.port}`
  }

  get program(): Program {
    return this.#program
  }

  /** Starts it, with `more` variables of its own; resolves when it has listed its servers, which run until they were idle for long enough. */
  static async start(
    configuration: { mcpServers?: object; pool?: object; service?: object },
    more: Readonly<Record<string, string>> = {},
  ): Promise<OwnWorker> {
    const home = await createTemporaryHome(process.env.PATH ?? '')
    const configPath = join(home.path, 'mcp.json')
    await writeFile(configPath, JSON.stringify(configuration), { mode: 0o600 })
    const variables = { ...home.variables, PILOTLIGHT_CONFIG: configPath, PILOTLIGHT_TOKEN: TOKEN }
    const port = await findFreePort()
    const stderrPath = logPathIn(home)
    await mkdir(dirname(stderrPath))
    const program = await startWorker(port, { variables: { ...variables, ...more }, stderrPath })
    const worker = new OwnWorker({ home, port, program, variables, configPath })
    while ((await worker.listed()) < countOf(configuration)) await sleep(20)
    return worker
  }

  /** Where its stderr goes. */
  get logPath(): string {
    return logPathIn(this.home)
  }

  /** Its runtime folder. */
  get runtime(): string {
    return readEnvironment(this.variables).folders.runtime
  }

  /** The socket of a server of it, or that of all of them. */
  socketOf(server?: string): string {
    return server === undefined ? allServersSocketPath(this.runtime) : serverSocketPath(this.runtime, server)
  }

  /** The command that connects a client to a server of it. */
  connect(server: string): { command: string; args: string[]; env: Record<string, string> } {
    return { command: process.execPath, args: [PILOT, 'connect', server], env: { ...this.variables } }
  }

  /** The command that connects a client to all servers of it. */
  front(): { command: string; args: string[]; env: Record<string, string> } {
    const env = { ...this.variables, WORKER_SERVICE_PORT: new URL(this.url).port }
    return { command: process.execPath, args: [PILOT, 'mcp'], env }
  }

  /** Where a client over HTTP meets a server of it, or all of them. */
  endpoint(server?: string): { url: URL; headers: Record<string, string> } {
    return {
      url: new URL(server === undefined ? '/mcp' : `/mcp/${server}`, this.url),
      headers: { authorization: `Bearer ${TOKEN}` },
    }
  }

  /** Replaces the configuration, as an editor would. */
  async reconfigure(configuration: object): Promise<void> {
    await writeFile(`${this.configPath}.new`, JSON.stringify(configuration), { mode: 0o600 })
    await rename(`${this.configPath}.new`, this.configPath)
  }

  /** It goes away, killed unless another signal is sent. */
  async leave(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.#program.kill(signal)
    await this.#program.exited
  }

  /** Starts it anew at the same address. */
  async comeBack(): Promise<void> {
    this.#program = await startWorker(this.#port, { variables: this.variables, stderrPath: this.logPath })
  }

  /** Ends it, as a service manager does or as a power cut would, and starts another one in the same home at the same place. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.leave(signal)
    await this.comeBack()
  }

  /** How many servers were started so far. */
  async starts(): Promise<number> {
    const metrics = await (await fetch(`${this.url}/metrics`)).text()
    const starts = metrics.matchAll(/^pilotlight_server_starts_total\{[^}]*\} (\d+)/gm)
    return [...starts].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  /** How many servers it has asked for their tools, in vain or not. */
  async listed(): Promise<number> {
    const { dependencies } = (await (await fetch(`${this.url}/ready`)).json()) as Readiness
    const { servers, skipped } = dependencies.catalog
    return servers.length + Object.keys(skipped).length
  }

  async status(): Promise<Status> {
    return (await this.#get('/status')) as Status
  }

  /** What status tells of one server, for less of the worker's time. */
  async row(server: string): Promise<ServerStatus> {
    return (await this.#get(`/servers/${server}`)) as ServerStatus
  }

  /** Calls a tool over HTTP; resolves with the status and the text of the answer. */
  async execute(server: string, body: object): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const url = `${this.url}/servers/${server}/execute`
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, text: await response.text() }
  }

  /** Accepts the tools that a server lists now; resolves with the status of the answer. */
  async acceptTools(server: string): Promise<number> {
    return this.post(`/servers/${server}/accept-tools`)
  }

  /** Posts nothing to a path; resolves with the status of the answer. */
  async post(path: string): Promise<number> {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const response = await fetch(`${this.url}${path}`, { method: 'POST', headers })
    await response.text()
    return response.status
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
    return response.json()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]()
    await this.home[Symbol.asyncDispose]()
  }
}

function countOf({ mcpServers = {} }: { mcpServers?: object }): number {
  return Object.keys(mcpServers).length
}

interface Surroundings {
  variables: Record<string, string>
  configPath: string
}

// Not beside the configuration, whose folder is watched.
function logPathIn({ path }: TemporaryHome): string {
  return join(path, 'log/worker.log')
}
