import { byMatch, type Candidate } from './clause-ranker.ts'
import type { IndexedTool } from './tool-index.ts'
import { at } from './typed-arrays.ts'

// A request is mostly for tools of one server, so those beside a tool that fits well are the likelier ones.
const SERVER_SHARE = 0.7

/** Orders candidates by their servers too. Servers are numbers here: to look for them in the tools took a tenth of all ranking. */
export class ServerPreference {
  /** By the tool's place. */
  readonly #serverOf: Uint32Array
  /** By the server's number; used for one query after the other. */
  readonly #bestOf: Float64Array

  constructor(tools: readonly IndexedTool[]) {
    const numbers = new Map<unknown, number>()
    this.#serverOf = Uint32Array.from(tools, ({ server }) => {
      const number = numbers.get(server) ?? numbers.size
      numbers.set(server, number)
      return number
    })
    this.#bestOf = new Float64Array(numbers.size)
  }

  /** Puts the candidates in order, those before others whose server fits better. */
  order(candidates: Candidate[]): Candidate[] {
    for (const { tool } of candidates) this.#bestOf[at(this.#serverOf, tool)] = 0
    for (const { tool, match } of candidates) {
      const server = at(this.#serverOf, tool)
      this.#bestOf[server] = Math.max(at(this.#bestOf, server), match)
    }
    for (const one of candidates) {
      const ofServer = at(this.#bestOf, at(this.#serverOf, one.tool))
      one.match = (one.match + SERVER_SHARE * ofServer) / (1 + SERVER_SHARE)
    }
    return candidates.toSorted(byMatch)
  }
}
