import { ShownText } from './shown-text.ts'

const KEPT_CHARACTERS = 16_384
const MAX_LINES = 5
const MAX_LINE_CHARACTERS = 300

/** The end of what a program wrote to its error output, in bounded memory. `secrets` never show in it. */
export class LastWords {
  readonly #shown: ShownText
  readonly #decoder = new TextDecoder()
  #text = ''
  #isCut = false

  constructor(secrets: readonly string[]) {
    this.#shown = new ShownText(secrets)
  }

  push(chunk: Buffer): void {
    const text = this.#text + this.#decoder.decode(chunk, { stream: true })
    this.#isCut ||= text.length > KEPT_CHARACTERS
    this.#text = text.slice(-KEPT_CHARACTERS)
  }

  /** The last lines that say something, oldest first, each on one line of a terminal whatever it holds. */
  lines(): string[] {
    const whole = this.#isCut ? afterFirstLine(this.#text) : this.#text
    return this.#shown.lines(whole, MAX_LINE_CHARACTERS).filter(saysSomething).slice(-MAX_LINES)
  }
}

// Below an error Node writes where it was thrown, a dozen lines long.
const CALL_SITE = /^\s*at .*(:\d+:\d+|<anonymous>)/

function saysSomething(line: string): boolean {
  return !CALL_SITE.test(line) && /[\p{L}\p{N}]/u.test(line)
}

// The cut may have gone through a secret, and what is left of one is not recognised.
function afterFirstLine(text: string): string {
  const end = text.indexOf('\n')
  return end === -1 ? '' : text.slice(end + 1)
}
