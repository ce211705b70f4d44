import { constants, promises as files } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

// Not from node:fs/promises: Node loads that at once and this when it is first used, which in a one-shot without a caller is never.

/** One byte of a lock file: whoever locks another byte of it does not wait for us (on macOS the whole file is locked). */
export interface FileLock {
  path: string
  /** From 0 up. */
  byte: number
  /** How long to wait for the lock before going on without it, in milliseconds. */
  patienceMs: number
}

const LOCK_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
const POLL_MS = 5

/**
 * Does `work` while no other holder of the lock, in this process or another, does its own. The kernel holds the lock, so that it ends
 * with its process. A holder that is stopped (SIGSTOP) would keep it for ever: when patience ends, the work is done without it.
 */
export async function whileLocked<T>(lock: FileLock, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const file = await files.open(lock.path, LOCK_FILE, 0o600)
  try {
    await waitForLock(file, lock, signal)
    signal.throwIfAborted()
    return await work()
  } finally {
    // Lets go of the lock as well.
    await file.close()
  }
}

// Polled: the native wait occupies a thread of Node's four and cannot be given up.
async function waitForLock(file: FileHandle, { byte, patienceMs }: FileLock, signal: AbortSignal): Promise<void> {
  const { tryLock } = await import('fs-native-extensions')
  for (let waitedMs = 0; !tryLock(file.fd, byte, 1) && waitedMs < patienceMs; waitedMs += POLL_MS) {
    await sleep(POLL_MS, undefined, { signal })
  }
}
