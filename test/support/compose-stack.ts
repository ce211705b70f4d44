import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { type CommandLine, composeCommand, docker, dockerLines, inspectContainer } from './docker.ts'
import { findFreePort } from './free-port.ts'

const run = promisify(execFile)
const COMPOSE_FILE = join(import.meta.dirname, '../../compose.yaml')
const HEALTHY_DEADLINE_MS = 180_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/** The services of `compose.yaml`, in the order in which they start. */
export const SERVICES = ['tool-selector', 'worker-service', 'mcp-server'] as const
export type ServiceName = (typeof SERVICES)[number]

/** The variables that `compose.yaml` reads. */
type ComposeVariables = Partial<Record<'WORKER_PUBLISHED_PORT' | 'PILOTLIGHT_MCP_JSON', string>>

export interface ComposeOptions {
  /** Services to start, with those they depend on; all of them by default. */
  services?: readonly ServiceName[]
  workers?: number
  /** Without a published port a free one is taken. */
  variables?: ComposeVariables
}

/** `compose.yaml` under a project name of its own, so that nothing else on the engine is touched. */
export class ComposeStack implements AsyncDisposable {
  readonly project = `pilotlight-e2e-${randomBytes(4).toString('hex')}`
  readonly #environment: Record<string, string>
  readonly #since = unixSeconds()

  /** A stack of which nothing runs, in the surrounding environment and these variables. */
  constructor(variables: ComposeVariables = {}) {
    const { WORKER_PUBLISHED_PORT: _, PILOTLIGHT_MCP_JSON: __, ...surrounding } = process.env
    this.#environment = { ...(surrounding as Record<string, string>), ...variables }
  }

  /** A stack whose services are all healthy. Removes what it made when they do not become so. */
  static async up({ services = SERVICES, workers = 1, variables }: ComposeOptions = {}): Promise<ComposeStack> {
    const stack = new ComposeStack({ WORKER_PUBLISHED_PORT: String(await findFreePort()), ...variables })
    try {
      const scale = workers === 1 ? [] : ['--scale', `worker-service=${workers}`]
      await stack.compose('up', '--detach', '--no-build', ...scale, ...services)
      const containers = await Promise.all(services.map((service) => stack.containers(service)))
      await Promise.all(containers.flat().map(untilHealthy))
      return stack
    } catch (thrown) {
      const logs = await stack.compose('logs', '--no-color').catch(String)
      await stack[Symbol.asyncDispose]()
      throw new Error(`The stack did not come up.\n${logs}`, { cause: thrown })
    }
  }

  /** Runs a Compose command on this project and resolves with what it printed. */
  async compose(...args: readonly string[]): Promise<string> {
    const { program, programArgs, environment } = await this.command(...args)
    const { stdout } = await run(program, programArgs, { env: environment, maxBuffer: MAX_OUTPUT_BYTES })
    return stdout
  }

  /** The same as a command line, for a client that starts it itself. */
  async command(...args: readonly string[]): Promise<CommandLine> {
    const [program, ...first] = await composeCommand()
    const programArgs = [...first, '--file', COMPOSE_FILE, '--project-name', this.project, ...args]
    return { program, programArgs, environment: this.#environment }
  }

  /** The containers of a service, stopped ones included. By label: their names differ between versions of Compose. */
  containers(service: ServiceName): Promise<string[]> {
    return this.#containersWith(`com.docker.compose.service=${service}`, 'com.docker.compose.oneoff=False')
  }

  /** The only container of a service. */
  async container(service: ServiceName): Promise<string> {
    const [id, ...others] = await this.containers(service)
    if (id === undefined || others.length > 0) throw new Error(`${service} does not run in exactly one container.`)
    return id
  }

  /** The containers that `docker compose run` made. */
  runContainers(): Promise<string[]> {
    return this.#containersWith('com.docker.compose.oneoff=True')
  }

  /** Where every worker can be met from here. */
  async workerUrls(): Promise<string[]> {
    const workers = await Promise.all((await this.containers('worker-service')).map(inspectContainer))
    return workers.map(({ NetworkSettings: { Ports } }) => `http://127.0.0.1:${Ports['3021/tcp']?.[0]?.HostPort}`)
  }

  /** What happened to the containers so far, in order: `<service> start`, `<service> health_status: healthy`. */
  events(): Promise<string[]> {
    const format = '{{index .Actor.Attributes "com.docker.compose.service"}} {{.Action}}'
    const kinds = ['type=container', 'event=start', 'event=health_status'].flatMap((kind) => ['--filter', kind])
    const span = ['--since', this.#since, '--until', unixSeconds()]
    return dockerLines('events', '--format', format, ...span, ...this.#ofProject(), ...kinds)
  }

  /** Removes containers, volumes and network. Throws when something is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const containers = await dockerLines('ps', '--all', '--quiet', ...this.#ofProject())
    // Nobody waits for a graceful stop here.
    if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers)
    await this.compose('down', '--volumes', '--remove-orphans')
    const lists = ['ps --all', 'volume ls', 'network ls'].map((list) => [...list.split(' '), '--quiet'])
    const left = (await Promise.all(lists.map((list) => dockerLines(...list, ...this.#ofProject())))).flat()
    if (left.length > 0) throw new Error(`${this.project} left behind: ${left.join(' ')}`)
  }

  #containersWith(...labels: readonly string[]): Promise<string[]> {
    const filters = labels.flatMap((label) => ['--filter', `label=${label}`])
    return dockerLines('ps', '--all', '--quiet', '--no-trunc', ...this.#ofProject(), ...filters)
  }

  #ofProject(): string[] {
    return ['--filter', `label=com.docker.compose.project=${this.project}`]
  }
}

/** Builds both images as `docker compose up` would. Rejects with what the build said. */
export async function buildImages(): Promise<void> {
  await new ComposeStack().compose('build')
}

async function untilHealthy(id: string): Promise<void> {
  const checkHealth = async () => {
    const { Status } = (await inspectContainer(id)).State.Health ?? {}
    if (Status !== 'healthy') throw new Error(`The container ${id} is ${Status}.`)
  }
  await vi.waitFor(checkHealth, { timeout: HEALTHY_DEADLINE_MS, interval: 200 })
}

function unixSeconds(): string {
  return (Date.now() / 1_000).toFixed(3)
}
