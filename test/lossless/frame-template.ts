import type { WireText } from './json-text.ts'

/** A place in a frame where the id or the progress token of an exchange stands. */
export interface Hole {
  readonly exchange: number
  readonly what: 'id' | 'token'
}

/** A frame with holes. Between two of them there is always text. */
export type FrameTemplate = readonly (WireText | Hole)[]

// A JSON string or number.
const SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/y

/** The frame with something in each hole. */
export function fill(template: FrameTemplate, valueOf: (hole: Hole) => WireText): WireText {
  return template.map((part) => (typeof part === 'string' ? part : valueOf(part))).join('')
}

/** What stands in the holes of a frame; undefined where the frame is another one, if only by a byte. */
export function takeOut(template: FrameTemplate, frame: WireText): Map<Hole, WireText> | undefined {
  const found = new Map<Hole, WireText>()
  let at = 0
  for (const part of template) {
    const text = typeof part === 'string' ? part : scalarAt(frame, at)
    if (text === undefined || !frame.startsWith(text, at)) return undefined
    if (typeof part !== 'string') found.set(part, text)
    at += text.length
  }
  return at === frame.length ? found : undefined
}

function scalarAt(frame: WireText, at: number): WireText | undefined {
  SCALAR.lastIndex = at
  return SCALAR.exec(frame)?.[0]
}
