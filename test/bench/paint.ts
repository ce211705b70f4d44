import { styleText } from 'node:util'

/** How a piece of text is meant, which a terminal shows in colour. */
export type Tone = 'title' | 'quiet' | 'good' | 'fair' | 'bad' | 'bar'

/** Dresses text for where it is printed. */
export interface Paint {
  /** Whether it may use more than letters: colours, and bars drawn with blocks. */
  rich: boolean
  (tone: Tone, text: string): string
}

const FORMATS: Record<Tone, Parameters<typeof styleText>[0]> = {
  title: 'bold',
  quiet: 'dim',
  good: 'green',
  fair: 'yellow',
  bad: 'red',
  bar: 'cyan',
}

/** Colours on a terminal, plain text elsewhere and wherever `NO_COLOR` asks for it. */
export function createPaint(stream: NodeJS.WriteStream): Paint {
  const rich = stream.isTTY && stream.hasColors()
  const paint = (tone: Tone, text: string) => (rich ? styleText(FORMATS[tone], text, { validateStream: false }) : text)
  return Object.assign(paint, { rich })
}

/** Text as it is. */
export const PLAIN: Paint = Object.assign((_: Tone, text: string) => text, { rich: false })
