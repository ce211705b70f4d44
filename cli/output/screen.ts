import { styleText } from 'node:util'
import { isTerminal } from './is-terminal.ts'

/** Paints a text, or leaves it as it is. */
export type Paint = (text: string) => string

/** How text is painted. */
export type Style = Readonly<Record<'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan', Paint>>

/** What stdout is: a terminal of so many columns with colours, or something that wants neither. */
export interface Screen {
  readonly isTerminal: boolean
  /** Infinite where it is no terminal. */
  readonly width: number
  readonly style: Style
}

type Variables = Readonly<Record<string, string | undefined>>

/** Finds out what stdout is. NO_COLOR and FORCE_COLOR are obeyed. */
export function openScreen(variables: Variables): Screen {
  const terminal = isTerminal(1)
  const width = terminal ? (process.stdout.columns ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  return { isTerminal: terminal, width, style: createStyle(hasColours(terminal, variables)) }
}

function hasColours(terminal: boolean, { NO_COLOR = '', FORCE_COLOR = '', TERM = '' }: Variables): boolean {
  if (NO_COLOR !== '') return false
  if (FORCE_COLOR !== '') return FORCE_COLOR !== '0'
  return terminal && TERM !== 'dumb'
}

function createStyle(coloured: boolean): Style {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    coloured ? styleText(format, text, { validateStream: false }) : text
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    green: paint('green'),
    yellow: paint('yellow'),
    red: paint('red'),
    cyan: paint('cyan'),
  }
}
