/** One line on a terminal that says what is going on, and is gone at the end. Elsewhere it says nothing. */
export interface Progress extends Disposable {
  say(what: string): void
}

const ERASE_LINE = '\r\u001B[2K'

/** Shows progress on a stream that is a terminal. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  const write = (text: string) => {
    if (stream.isTTY) stream.write(text)
  }
  return {
    say: (what) => write(`${ERASE_LINE} ${what} …`),
    [Symbol.dispose]: () => write(ERASE_LINE),
  }
}
