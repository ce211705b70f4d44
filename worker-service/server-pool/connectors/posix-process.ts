import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { RunningProcess } from './start-process.ts'

/** How a process ended: with a code, or by the signal of this number. */
export type Exit = { code: number } | { signal: number }

/** The ends of the pipes to a process that are ours. */
export type StandardStreams = Record<'stdin' | 'stdout' | 'stderr', Socket>

interface ProcessEvents {
  exit: [code: number | null, signal: NodeJS.Signals | null]
  close: []
}

/** A process that Node knows nothing of, told of its end by whoever waits for it. */
export class PosixProcess extends EventEmitter<ProcessEvents> implements RunningProcess {
  readonly pid: number
  readonly stdin: Socket
  readonly stdout: Socket
  readonly stderr: Socket
  exitCode: number | null = null
  signalCode: NodeJS.Signals | null = null
  /** The pipes that are open, and the process itself. */
  #open = 1

  constructor(pid: number, { stdin, stdout, stderr }: StandardStreams) {
    super()
    this.pid = pid
    this.stdin = stdin
    this.stdout = stdout
    this.stderr = stderr
    for (const pipe of [stdin, stdout, stderr]) {
      this.#open++
      pipe.once('close', () => this.#closed())
    }
  }

  /** It has ended and was waited for. */
  exited(exit: Exit): void {
    if ('code' in exit) this.exitCode = exit.code
    else this.signalCode = nameOf(exit.signal)
    this.stdin.destroy()
    this.emit('exit', this.exitCode, this.signalCode)
    this.#closed()
  }

  #closed(): void {
    this.#open--
    if (this.#open === 0) this.emit('close')
  }
}

function nameOf(signal: number): NodeJS.Signals {
  const [name = 'SIGKILL'] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? []
  return name as NodeJS.Signals
}
