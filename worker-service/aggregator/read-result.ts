import type { Tool } from '@modelcontextprotocol/sdk/types.js'
import { READ_RESULT_NAME } from '../../shared/contracts/own-tool-names.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { cutAt } from './shorten-result.ts'

/** How much is read at once where nothing is said, and at most. */
const LENGTH = { default: 16_384, max: 65_536 } as const

const LONG_LINE = 400
const AROUND = 150
// Making an expression of millions takes seconds.
const MAX_GREP = 1_000
const PATTERN_SIGNS = /[\\^$*+?()[\]{}]/

/** read_result as it is listed. */
export const READ_RESULT_TOOL = {
  name: READ_RESULT_NAME,
  title: 'Read a result',
  description:
    'Reads on in a result that was too large to be given at once, or finds the lines of it that hold a text.',
  inputSchema: {
    type: 'object',
    properties: {
      id: { type: 'string', description: 'The id that the shortened result tells.' },
      offset: { type: 'integer', minimum: 0, default: 0, description: 'Where to begin, in characters.' },
      length: {
        type: 'integer',
        minimum: 1,
        maximum: LENGTH.max,
        default: LENGTH.default,
        description: 'How much to read, in characters.',
      },
      grep: {
        type: 'string',
        maxLength: MAX_GREP,
        description:
          'Gives only what holds this text, whatever its case, line by line with offsets. Several texts may stand with "|" between them.',
      },
    },
    required: ['id'],
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
} satisfies Tool

/** What is to be read of a kept result. */
interface Reading {
  readonly id: string
  readonly offset: number
  readonly length: number
  readonly grep: string | undefined
}

/** Answers a call of read_result: JSON text of a tool's result. `find` gives the text of an id. Throws `invalid_request`. */
export function readResult(input: Readonly<Record<string, unknown>>, find: (id: string) => string | undefined): string {
  const reading = parseReading(input)
  const text = find(reading.id)
  if (text === undefined)
    throw invalid(`there is no result ${JSON.stringify(reading.id)}, or no longer: call the tool again`)
  const { shown, next } = reading.grep === undefined ? page(text, reading) : occurrences(text, reading, reading.grep)
  const rest = next < text.length ? `go on with offset ${next}` : 'this is the end'
  const position = `[From character ${Math.min(reading.offset, text.length)} of ${text.length}; ${rest}.]`
  const content = [shown, position].map((part) => ({ type: 'text', text: part }))
  return JSON.stringify({ content })
}

interface Found {
  readonly shown: string
  /** Where the rest begins. */
  readonly next: number
}

function page(text: string, { offset, length }: Reading): Found {
  const start = cutAt(text, Math.min(offset, text.length))
  const end = cutAt(text, Math.min(start + length, text.length))
  // One character may be longer than what was asked for.
  const next = end > start ? end : Math.min(start + 2, text.length)
  return { shown: text.slice(start, next), next }
}

// What is looked for is taken as it stands: a pattern of the client's could take for ever.
function occurrences(text: string, { offset, length }: Reading, grep: string): Found {
  const wanted = new RegExp(grep.split('|').filter(Boolean).map(escaped).join('|'), 'gi')
  const lines: string[] = []
  let room = length
  wanted.lastIndex = offset
  for (let found = wanted.exec(text); found !== null; found = wanted.exec(text)) {
    const { start, end } = surroundings(text, found.index, found[0].length)
    const line = `${start}: ${text.slice(start, end)}`
    if (line.length > room && lines.length > 0) return { shown: lines.join('\n'), next: found.index }
    lines.push(line)
    room -= line.length
    wanted.lastIndex = Math.max(end, found.index + found[0].length)
  }
  return { shown: lines.join('\n') || nothingHolds(grep), next: text.length }
}

function nothingHolds(grep: string): string {
  const advice = ' What is searched is a text, or several with "|" between them: no pattern.'
  return `Nothing holds that.${PATTERN_SIGNS.test(grep) ? advice : ''}`
}

/** The line that holds what was found; of a long one, what stands around it. */
function surroundings(text: string, index: number, length: number): { start: number; end: number } {
  const newline = text.indexOf('\n', index + length)
  const start = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1
  const end = newline === -1 ? text.length : newline
  if (end - start <= LONG_LINE) return { start, end }
  return {
    start: cutAt(text, Math.max(start, index - AROUND)),
    end: cutAt(text, Math.min(end, index + length + AROUND)),
  }
}

function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

// Models write null for what they leave out often enough.
function parseReading({ id, offset, length, grep }: Readonly<Record<string, unknown>>): Reading {
  if (typeof id !== 'string') throw invalid('"id" is required: the shortened result tells it')
  if (grep !== undefined && grep !== null && typeof grep !== 'string') throw invalid('"grep" must be a text')
  if (grep && grep.length > MAX_GREP) throw invalid(`"grep" has more than ${MAX_GREP} characters`)
  const wanted = grep?.replaceAll('|', '') === '' ? undefined : grep
  return {
    id,
    offset: toCount(offset ?? 0, 'offset', 0),
    length: Math.min(toCount(length ?? LENGTH.default, 'length', 1), LENGTH.max),
    grep: wanted ?? undefined,
  }
}

// Models write numbers as texts often enough.
function toCount(value: unknown, name: string, min: number): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= min) return count
  throw invalid(`"${name}" must be a whole number from ${min}`)
}

function invalid(problem: string): ServiceError {
  return new ServiceError('invalid_request', `${READ_RESULT_NAME}: ${problem}.`)
}
