import { closeSync, constants, promises as files, fstatSync, lstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadTryLock } from './lock-addon.ts'

// Not from node:fs/promises: Node loads that at once and this when it is first used, which in a one-shot is seldom.

/** One byte of a lock file: whoever locks another byte of it does not wait for us (on macOS the whole file is locked). */
export interface FileLock {
  path: string
  /** From 0 up; those 4,096 apart are the same. */
  byte: number
  /** How long to wait while nobody lets go of the lock, before going on without it, in milliseconds. */
  patienceMs: number
}

/** A lock that is held until it is disposed of. */
export interface HeldLock extends AsyncDisposable {
  /** Whether its file is still the one at its path: one that was removed keeps nobody out. */
  isInPlace(): boolean
}

const LOCK_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
// The file holds a byte for each lock, all of them on one page.
const LOCKS = 4_096
const POLL_MS = 5

/**
 * Does `work` while no other holder of the lock, in this process or another, does its own. The kernel holds the lock, so that it ends
 * with its process. A holder that is stopped (SIGSTOP) would keep it for ever: when patience ends, the work is done without it. While
 * others take turns with the lock, patience does not end.
 */
export async function whileLocked<T>(lock: FileLock, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  // At once: it takes less than to have another thread do it, and a one-shot would load what that needs for nothing else.
  const fd = openSync(lock.path, LOCK_FILE, 0o600)
  try {
    await waitForLock(fd, { ...lock, byte: lock.byte % LOCKS }, signal)
    signal.throwIfAborted()
    return await work()
  } finally {
    // Lets go of the lock as well.
    closeSync(fd)
  }
}

/**
 * Takes the lock until it is disposed of, or this process ends; undefined where another holds it, whether it answers or is stopped.
 * The kernel holds it, so that a process that was killed holds nothing.
 */
export async function holdLock({ path, byte }: Omit<FileLock, 'patienceMs'>): Promise<HeldLock | undefined> {
  const tryLock = await loadTryLock()
  const file = await files.open(path, LOCK_FILE, 0o600)
  if (tryLock(file.fd, byte)) {
    return { isInPlace: () => isFileAt(path, file), [Symbol.asyncDispose]: () => file.close() }
  }
  await file.close()
  return undefined
}

function isFileAt(path: string, { fd }: FileHandle): boolean {
  const [held, found] = [fstatSync(fd), lstatSync(path, { throwIfNoEntry: false })]
  return found?.dev === held.dev && found.ino === held.ino
}

// Polled: the native wait occupies a thread of Node's four and cannot be given up. Patience is counted in polls, since on a machine that
// is too busy for the holder we are slow as well.
async function waitForLock(fd: number, { byte, patienceMs }: FileLock, signal: AbortSignal): Promise<void> {
  const tryLock = await loadTryLock()
  let turn = readTurn(fd, byte)
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += POLL_MS) {
    if (tryLock(fd, byte)) return beginTurn(fd, byte)
    await sleep(POLL_MS, undefined, { signal })
    const lastTurn = turn
    turn = readTurn(fd, byte)
    if (turn !== lastTurn) waitedMs = 0
  }
}

// Each holder counts the byte of its lock up, which tells those who wait that it goes from hand to hand.
function beginTurn(fd: number, byte: number): void {
  writeSync(fd, Uint8Array.of(readTurn(fd, byte) + 1), 0, 1, byte)
}

function readTurn(fd: number, byte: number): number {
  const turn = new Uint8Array(1)
  readSync(fd, turn, 0, 1, byte)
  return turn[0] ?? 0
}
