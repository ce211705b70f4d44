/** Writes to standard output. */
export function print(text: string): void {
  process.stdout.write(text)
}

/** Runs a program to its end. What it throws is told in a line, for whoever started it, and ends it with 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exitCode = 1
  }
}
