import { readSync, writeSync } from 'node:fs'
import { messageOf } from './errors/message-of.ts'
import { systemCodeOf } from './errors/system-code.ts'

// By file descriptor: a program that reads one request and writes one line is done before Node has loaded its streams.

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const CHUNK_BYTES = 65_536
// EX_IOERR of sysexits.h.
const OUTPUT_LOST = 74

/** All of stdin, until its end. */
export function readStandardInput(): Promise<Buffer> {
  return readToEnd(STDIN, () => process.stdin)
}

/** Stdout takes no more: its reader has gone, or what is behind it is full. `cause` is the system's error. */
export class OutputLost extends Error {
  override readonly name = 'OutputLost'

  /** By its name: a program and a part that it loads lazily have a copy of this class each. */
  static is(value: unknown): value is OutputLost {
    return value instanceof Error && value.name === 'OutputLost'
  }
}

/** Writes to stdout, all of it before it returns where the reader keeps up; whether it did. Throws {@link OutputLost}. */
export function writeStandardOutput(text: string): boolean {
  try {
    return writeAll(STDOUT, Buffer.from(text), () => heeding(process.stdout, endLate))
  } catch (cause) {
    throw outputLost(cause)
  }
}

/** The same, to stderr; what that does not take is lost, as there is nowhere to say so. */
export function writeStandardError(text: string): boolean {
  try {
    return writeAll(STDERR, Buffer.from(text), () => heeding(process.stderr, passOver))
  } catch {
    return true
  }
}

/** Ends the process with what else it may still wait for, as nobody would see what comes of it. */
export function endWithoutOutput({ message, cause }: OutputLost): never {
  // A reader that has gone has seen enough.
  if (systemCodeOf(cause) !== 'EPIPE') {
    process.exitCode = OUTPUT_LOST
    writeStandardError(`pilot: ${message}\n`)
  }
  process.exit()
}

function outputLost(cause: unknown): OutputLost {
  return new OutputLost(`The output could not be written: ${messageOf(cause)}.`, { cause })
}

// What a stream cannot write it says when nobody is there any more to catch it.
function heeding(stream: NodeJS.WriteStream, failed: (cause: Error) => void): NodeJS.WriteStream {
  return stream.listeners('error').includes(failed) ? stream : stream.on('error', failed)
}

function endLate(cause: Error): never {
  endWithoutOutput(outputLost(cause))
}

function passOver(): void {}

/** Reads a file descriptor to its end. Where it was opened not to wait for its writer, the rest comes from `stream`. */
export async function readToEnd(fd: number, stream: () => AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for (let chunk = readChunk(fd); chunk.length > 0; chunk = readChunk(fd)) chunks.push(chunk)
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'EAGAIN') throw thrown
    for await (const chunk of stream()) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Writes to a file descriptor. Where it was opened not to wait for its reader, the rest goes to `stream`. Whether there was none. */
export function writeAll(fd: number, bytes: Buffer, stream: () => { write(bytes: Buffer): unknown }): boolean {
  let rest = bytes
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
    return true
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'EAGAIN') throw thrown
    stream().write(rest)
    return false
  }
}

function readChunk(fd: number): Buffer {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  return chunk.subarray(0, readSync(fd, chunk))
}
