const CHECK_MS = 250

/** Calls `orphaned`, again and again, once this process is no longer a child of `parent` (a process id). Keeps no process alive. */
export function whileParentLives(parent: number, orphaned: () => void): Disposable {
  return setInterval(() => {
    if (process.ppid !== parent) orphaned()
  }, CHECK_MS).unref()
}
