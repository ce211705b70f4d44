import { ServiceError } from './errors/service-error.ts'
import { readText, type Variables } from './folders.ts'

/** Reads variables one by one and keeps what is wrong with them, to say all of it at once. */
export class VariableReader {
  readonly #variables: Variables
  readonly #mistakes: string[] = []

  constructor(variables: Variables) {
    this.#variables = variables
  }

  text(name: string): string | undefined {
    return readText(this.#variables, name)
  }

  list(name: string): string[] {
    const items = (this.text(name) ?? '').split(',').map((item) => item.trim())
    return items.filter((item) => item !== '')
  }

  url(name: string): string | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const url = URL.parse(value)
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      this.#mistakes.push(`${name} must be an http:// or https:// URL`)
      return undefined
    }
    // Credentials in a URL end up in logs and error messages.
    if (url.username !== '' || url.password !== '') {
      this.#mistakes.push(`${name} must not carry a user name or password; use a token variable`)
      return undefined
    }
    return value.replace(/\/+$/, '')
  }

  /** A URL without which another variable says nothing. */
  urlOf(name: string, other: string): string | undefined {
    const isMissing = this.text(name) === undefined && this.text(other) !== undefined
    if (isMissing) this.#mistakes.push(`${other} says nothing without ${name}`)
    return this.url(name)
  }

  milliseconds(name: string, byDefault: number): number {
    return this.integer(name, { byDefault, min: 1, max: 3_600_000 })
  }

  integer<T extends number | undefined>(
    name: string,
    { byDefault, min, max }: { byDefault: T; min: number; max: number },
  ): number | T {
    const text = this.text(name)
    if (text === undefined) return byDefault
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    this.#mistakes.push(`${name} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`)
    return byDefault
  }

  flag(name: string): boolean | undefined {
    const choice = this.optionalChoice(name, ['true', 'false'])
    return choice === undefined ? undefined : choice === 'true'
  }

  optionalChoice<T extends string>(name: string, allowed: readonly [T, ...T[]]): T | undefined {
    return this.text(name) === undefined ? undefined : this.choice(name, allowed)
  }

  /** One of `allowed`, whose first entry is the default. */
  choice<T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const text = this.text(name)
    const found = allowed.find((one) => one === (text ?? allowed[0]))
    if (found !== undefined) return found
    this.#mistakes.push(`${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(text)}`)
    return allowed[0]
  }

  /** Throws one `invalid_configuration` that lists every mistake. */
  throwMistakes(): void {
    if (this.#mistakes.length === 0) return
    const lines = this.#mistakes.map((mistake) => `  - ${mistake}`)
    throw new ServiceError('invalid_configuration', `The environment is not usable:\n${lines.join('\n')}`)
  }
}
