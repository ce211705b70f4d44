import { isListMethod } from '../../shared/contracts/list-methods.ts'
import { sha256 } from '../files/sha256.ts'
import type { RecalledMethod } from '../routing/list-methods.ts'

/** What a server answers to who asks what it is and has: by method, every page of the result, JSON text as it came. */
export type ServerAnswers = ReadonlyMap<RecalledMethod, readonly Buffer[]>

/** Nothing is known that a server has answered. */
export const NO_ANSWERS: ServerAnswers = new Map()

/** So much is kept of one server's answers, in bytes; what it has beyond that it is asked for. */
const MAX_BYTES = 4 * 1024 * 1024
const HEADER = 'pilotlight answers 1'
const LINE_END = 0x0a
const SPACE = 0x20

/** The answers that are not too many to be kept. */
export function withinBounds(answers: ServerAnswers): ServerAnswers {
  const kept = new Map<RecalledMethod, readonly Buffer[]>()
  let left = MAX_BYTES
  for (const [method, pages] of answers) {
    const size = sizeOf(pages)
    if (size > left) continue
    left -= size
    kept.set(method, pages)
  }
  return kept
}

/** Answers as a file: a line that says what it is and what it must hash to, then one for each page, its method before it. */
export function encodeAnswers(answers: ServerAnswers): Buffer {
  const lines = [...answers].flatMap(([method, pages]) => pages.map((page) => lineOf(method, page)))
  const body = Buffer.concat(lines)
  return Buffer.concat([Buffer.from(`${HEADER} ${sha256(body)}\n`), body])
}

/** Reads what {@link encodeAnswers} has made. Throws where the file is another, or was damaged. */
export function decodeAnswers(file: Buffer): ServerAnswers {
  const bodyAt = file.indexOf(LINE_END) + 1
  const body = file.subarray(bodyAt)
  const header = file.toString('utf8', 0, Math.max(0, bodyAt - 1))
  if (!header.startsWith(`${HEADER} `)) throw new Error('it is of another version')
  if (header !== `${HEADER} ${sha256(body)}`) throw new Error('it is damaged')
  const answers = new Map<RecalledMethod, Buffer[]>()
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf(LINE_END, at)
    const methodEnd = body.indexOf(SPACE, at)
    const method = body.toString('utf8', at, methodEnd)
    if (method !== 'initialize' && !isListMethod(method)) throw new Error('it is of another version')
    answers.set(method, [...(answers.get(method) ?? []), body.subarray(methodEnd + 1, end)])
    at = end + 1
  }
  return answers
}

function lineOf(method: string, page: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${method} `), page, Buffer.from('\n')])
}

function sizeOf(pages: readonly Buffer[]): number {
  return pages.reduce((sum, { length }) => sum + length, 0)
}
