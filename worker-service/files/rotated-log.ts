import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'

const APPENDED = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
const NEWLINE = 0x0a
const MAX_WAITING_CHARACTERS = 1024 * 1024

/** Where a log is, and how much of it is kept. */
export interface RotatedLogOptions {
  path: string
  /** A file that would grow beyond is put aside as `path.1`, the one before as `path.2`, and so on. */
  maxBytes?: number
  /** How many files there are at most, the one being written included. */
  maxFiles?: number
}

/**
 * A log of bounded size, of mode 0600 in a private folder. Writing never waits and never fails: what the disk does not take in time, or at
 * all, is left out. Opened at the first line. One writer per path.
 */
export class RotatedLog implements AsyncDisposable {
  readonly #path: string
  readonly #maxBytes: number
  readonly #maxFiles: number
  #waiting = ''
  #writing: Promise<void> | undefined
  #file: FileHandle | undefined
  #size = 0

  constructor({ path, maxBytes = 10 * 1024 * 1024, maxFiles = 3 }: RotatedLogOptions) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#maxFiles = maxFiles
  }

  /** Adds a line, given without its newline. False when it is left out. */
  write(line: string): boolean {
    if (this.#waiting.length + line.length > MAX_WAITING_CHARACTERS) return false
    this.#waiting += `${line}\n`
    this.#writing ??= this.#writeWaiting()
    return true
  }

  /** Resolves when everything is written that can be, and the file is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    // What is written while it closes opens it anew.
    while (this.#writing !== undefined) await this.#writing
    const file = this.#file
    this.#file = undefined
    await file?.close().catch(() => {})
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const text = this.#waiting
        this.#waiting = ''
        await this.#append(Buffer.from(text))
      }
    } catch {
      // A full disk, a folder that is not ours: the log is not worth the server it is of.
      this.#waiting = ''
    } finally {
      this.#writing = undefined
    }
  }

  async #append(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const file = (this.#file ??= await this.#open())
      const end = endOfPart(bytes, start, this.#maxBytes - this.#size)
      if (end === start && this.#size > 0) {
        await this.#rotate()
        continue
      }
      // A line that is longer than a file may be has one of its own.
      const part = bytes.subarray(start, end === start ? bytes.indexOf(NEWLINE, start) + 1 : end)
      await file.appendFile(part)
      this.#size += part.length
      start += part.length
    }
  }

  async #open(): Promise<FileHandle> {
    ensurePrivateFolder(dirname(this.#path))
    const file = await open(this.#path, APPENDED, 0o600)
    this.#size = (await file.stat()).size
    return file
  }

  async #rotate(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    for (let number = this.#maxFiles - 1; number > 0; number--) {
      const from = number === 1 ? this.#path : `${this.#path}.${number - 1}`
      await rename(from, `${this.#path}.${number}`).catch(() => {})
    }
  }
}

// The whole lines that there is room for.
function endOfPart(bytes: Buffer, start: number, room: number): number {
  if (bytes.length - start <= room) return bytes.length
  if (room <= 0) return start
  return Math.max(start, bytes.lastIndexOf(NEWLINE, start + room - 1) + 1)
}
