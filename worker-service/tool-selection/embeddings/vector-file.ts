import { createHash } from 'node:crypto'
import { promises as files } from 'node:fs'
import { dirname } from 'node:path'
import { writePrivateFile } from '../../../shared/files/atomic-file.ts'
import { ensurePrivateFolder } from '../../../shared/files/private-folder.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import { KEY_LENGTH } from './embedded-text.ts'
import type { VectorRows } from './vector-table.ts'

/** To be raised with whatever changes what is embedded of a tool, or this layout. */
const FORMAT = 1

const STEP_BYTES = 4
const HEAD_LENGTH = 256

/** Vectors in a file: a line of JSON that says what follows, then steps, bytes and keys as they lie in memory. */
export class VectorFile {
  readonly #path: string
  readonly #model: string

  /** `model` says whose vectors they are: those of another one are as if they were not there. */
  constructor(path: string, model: string) {
    this.#path = path
    this.#model = model
  }

  /** What is kept; undefined where that is nothing, damaged, or of something else. */
  async read(): Promise<VectorRows | undefined> {
    try {
      return fromFileBytes(await files.readFile(this.#path), this.#model)
    } catch {
      return undefined
    }
  }

  /** Replaces what is kept. Throws the file system's error. */
  async write(rows: VectorRows): Promise<void> {
    ensurePrivateFolder(dirname(this.#path))
    await writePrivateFile(this.#path, toFileBytes(rows, this.#model))
  }
}

function toFileBytes({ dimensions, keys, bytes, steps }: VectorRows, model: string): Uint8Array {
  const parts = [steps, bytes].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  const body = Buffer.concat([...parts, Buffer.from(keys.join(''), 'latin1')])
  const head = { format: FORMAT, model: modelMark(model), dimensions, count: keys.length, digest: digestOf(body) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head).padEnd(HEAD_LENGTH - 1)}\n`), body])
}

function fromFileBytes(file: Buffer, model: string): VectorRows | undefined {
  const head: unknown = JSON.parse(file.toString('utf8', 0, HEAD_LENGTH))
  const body = file.subarray(HEAD_LENGTH)
  if (!isJsonObject(head) || head.format !== FORMAT || head.model !== modelMark(model)) return undefined
  if (head.digest !== digestOf(body)) return undefined
  // What it holds is our own: the digest was right.
  const { dimensions, count } = head as { dimensions: number; count: number }
  const keysAt = count * (STEP_BYTES + dimensions)
  const keys = body.toString('latin1', keysAt)
  return {
    dimensions,
    // Numbers begin in memory at multiples of their size, wherever in the file they were.
    steps: new Float32Array(new Uint8Array(body.subarray(0, count * STEP_BYTES)).buffer),
    bytes: new Int8Array(body.subarray(count * STEP_BYTES, keysAt)),
    keys: Array.from({ length: count }, (_, row) => keys.slice(row * KEY_LENGTH, (row + 1) * KEY_LENGTH)),
  }
}

// A name of any length and kind, as a part of a line of its length.
function modelMark(model: string): string {
  return digestOf(Buffer.from(model)).slice(0, KEY_LENGTH)
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
