import type { Environment } from '../shared/environment.ts'

/** A word that a shell can offer, and what it shows beside it. */
export interface Offer {
  readonly word: string
  readonly about?: string | undefined
}

/**
 * Something whose possible values a shell can offer while it is typed. Words are those typed before it, without the command's own; `last` is
 * what of it is typed by now.
 */
export type Complete = (context: CommandContext, words: readonly string[], last: string) => Promise<readonly Offer[]>

interface Described {
  /** One line of the help, without a full stop. */
  readonly summary: string
  readonly short?: string
}

/** `value` is what stands for the option's value in the help, as in `--limit <n>`. */
interface WithValue extends Described {
  readonly value: string
  readonly complete?: Complete
}

/** An option of a command: a flag takes no value, a list takes commas and may be given again, a choice one of a few words. */
export type OptionDeclaration =
  | (Described & { readonly type: 'flag' })
  | (WithValue & { readonly type: 'text' })
  | (WithValue & { readonly type: 'list' })
  | (Omit<WithValue, 'complete'> & { readonly type: 'choice'; readonly choices: readonly string[] })

/** The options of a command by their long names, without dashes. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>

/** A word that a command takes by its place. The last one may be there many times. */
export interface PositionalDeclaration {
  readonly name: string
  readonly required?: boolean
  readonly many?: boolean
  readonly complete?: Complete
}

type OptionValue<D extends OptionDeclaration> = D extends { type: 'flag' }
  ? boolean
  : D extends { type: 'list' }
    ? readonly string[]
    : D extends { type: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice | undefined
      : string | undefined

/** What was typed behind the words of a command. A flag that is not there is false, a list empty, anything else undefined. */
export interface CommandInput<O extends OptionDeclarations = OptionDeclarations> {
  readonly positionals: readonly string[]
  readonly options: { readonly [name in keyof O]: OptionValue<O[name]> }
  /** All of it as it was typed, for a command that reads it itself. */
  readonly typed: readonly string[]
}

/** An example in the help: what to type, and what it does. */
export interface CommandExample {
  readonly line: string
  readonly does: string
}

/** One command of `pilot`. */
export interface Command<O extends OptionDeclarations = OptionDeclarations> {
  /** What it does, in one line that begins with a verb and has no full stop. */
  readonly summary: string
  readonly positionals?: readonly PositionalDeclaration[]
  readonly options?: O
  /** Where it reads what is typed by itself: how that looks, behind its words. */
  readonly usage?: string
  /** What may stand behind its positionals besides its own options. */
  readonly completeMore?: Complete
  /** What else there is to know, as paragraphs of the help. */
  readonly details?: readonly string[]
  readonly examples: readonly CommandExample[]
  /** Does it. What is thrown goes to stderr in one line and becomes the exit code, by the table of `exit-code.ts`. */
  run(input: CommandInput<O>, context: CommandContext): Promise<void>
}

/** What a command may use of the process it runs in. */
export interface CommandContext {
  /** The variables of the environment, what `--config` says among them. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The environment, read at the first call. Throws `invalid_configuration`. */
  readonly environment: () => Environment
  /** Aborts with `cancelled` at SIGINT and SIGTERM, which end the process at once as long as nobody has asked for this. */
  readonly signal: AbortSignal
  /** Writes the result to stdout. Whatever else there is to say goes to stderr, by `tell`. */
  print(text: string): void
  tell(text: string): void
  /** Ends the command with another code than 0 once it is done, though nothing was thrown. */
  exitWith(code: number): void
}

/** Gives a command its types. */
export function defineCommand<const O extends OptionDeclarations>(command: Command<O>): Command<O> {
  return command
}
