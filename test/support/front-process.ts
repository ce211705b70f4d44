import { LineSplitter } from '../../shared/line-splitter.ts'
import { Program, type ProgramOptions } from './program.ts'
import { PILOT } from './worker-process.ts'

const MAX_FRAME_BYTES = 8 * 1024 * 1024
const OPEN_SESSION = JSON.stringify({
  jsonrpc: '2.0',
  id: 'open-session',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
})

/** A front with an open session, spoken to in raw frames: whoever measures or counts must not be slower than what it looks at. */
export class FrontProcess implements AsyncDisposable {
  readonly program: Program
  #onFrame: (line: string) => void

  private constructor(program: Program, onFrame: (line: string) => void) {
    this.program = program
    this.#onFrame = onFrame
    const splitter = new LineSplitter({ maxLineBytes: MAX_FRAME_BYTES })
    program.stdout.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) this.#onFrame(line.kind === 'line' ? line.bytes.toString() : 'too long')
    })
  }

  /** Starts a front and opens its session. `onFrame` gets every line of its stdout after that. */
  static async start(options: Omit<ProgramOptions, 'args'>, onFrame: (line: string) => void): Promise<FrontProcess> {
    const opened = Promise.withResolvers<void>()
    const program = new Program({ ...options, args: [PILOT, 'mcp'] })
    const front = new FrontProcess(program, () => opened.resolve())
    void program.exited.then((end) => opened.reject(new Error(`The front ended (${end}): ${program.lastWords}`)))
    front.send(OPEN_SESSION)
    await opened.promise
    front.#onFrame = onFrame
    front.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    return front
  }

  send(frame: string): void {
    this.program.stdin.write(`${frame}\n`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]()
  }
}
