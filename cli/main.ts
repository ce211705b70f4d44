import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { cacheFolder, readEnvironment } from '../shared/environment.ts'
import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { VERSION } from '../shared/version.ts'

const HELP = `pilot ${VERSION}: keeps MCP tools warm

Usage
  pilot service run     run the worker in the foreground (POST /find_tools on port 3021)
  pilot service health  exit with 0 when the worker lives, with 69 and the reason when it does not
  pilot mcp             the stdio MCP server with find_tools and all servers, for an MCP client's configuration
  pilot connect <server> one MCP server of the running worker over stdio, as if it had been started here
  pilot --version
  pilot --help

Examples
  pilot service run
  PILOTLIGHT_CONFIG=./mcp.json pilot service run
  curl -s localhost:3021/find_tools -H 'content-type: application/json' -d '{"query":"read a file"}'

  An MCP client's configuration:
    { "mcpServers": { "pilotlight": { "command": "pilot", "args": ["mcp"] } } }
    { "mcpServers": { "github": { "command": "pilot", "args": ["connect", "github"] } } }

Environment
  PILOTLIGHT_CONFIG     the MCP servers whose tools can be found (default ~/.config/pilotlight/mcp.json)
  WORKER_SERVICE_URL    a worker that somebody else runs
  TOOL_SELECTOR_URL     an external tool-selector API (default: the embedded selector)
  The README lists the rest.
`
const WRONG_USAGE = 2
const EXIT_BY_SIGNAL: Partial<Record<NodeJS.Signals, number>> = { SIGTERM: 143, SIGINT: 130 }
const UNSUPPORTED_MACHINE = 69

/** Runs one `pilot` command. Sets the exit code; loads only the program the command names. */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  const unsupported = whyUnsupported()
  if (unsupported !== undefined) return fail(unsupported, UNSUPPORTED_MACHINE)
  enableCompileCache(join(cacheFolder(process.env), 'compile-cache'))
  if (args[0] === 'connect') return connect(args.slice(1))
  switch (args.join(' ')) {
    case 'mcp':
      return (await import('../mcp-server/main.ts')).main()
    case 'service run':
      return (await import('../worker-service/main.ts')).main()
    case 'service health':
      return serviceHealth()
    case '--version':
    case '-v':
      return print(`${VERSION}\n`)
    case '':
    case '--help':
    case '-h':
    case 'help':
    case 'mcp --help':
    case 'service --help':
    case 'service run --help':
    case 'service health --help':
      return print(HELP)
    default:
      return fail(`pilot: unknown command ${JSON.stringify(args.join(' '))}. See pilot --help.`, WRONG_USAGE)
  }
}

async function connect(args: readonly string[]): Promise<void> {
  const [server] = args
  if (server === '--help' || server === '-h') return print(HELP)
  if (server === undefined || args.length > 1) return fail('Usage: pilot connect <server>', WRONG_USAGE)
  const stop = new AbortController()
  const stopped = (signal: NodeJS.Signals) => {
    process.exitCode = EXIT_BY_SIGNAL[signal]
    stop.abort()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stopped)
  try {
    const { connectToServer } = await import('../mcp-server/connect.ts')
    const { stdin: input, stdout: output, stderr } = process
    const environment = readEnvironment(process.env)
    await connectToServer({ server, environment, streams: { input, output }, stderr }, stop.signal)
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    fail(`pilot connect: ${error.message}`, EXIT_BY_CODE[error.code])
  }
}

async function serviceHealth(): Promise<void> {
  try {
    const { checkServiceHealth } = await import('./commands/service-health.ts')
    await checkServiceHealth(readEnvironment(process.env))
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    fail(`pilot service health: ${error.message}`, EXIT_BY_CODE[error.code])
  }
}

function whyUnsupported(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 22)) {
    return `pilot needs Node 22.22 or newer; this is ${process.version}.`
  }
  if (process.platform === 'win32') return 'pilot does not run on Windows itself; run it in WSL.'
  return undefined
}

function print(text: string): void {
  process.stdout.write(text)
}

function fail(message: string, exitCode: number): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = exitCode
}
