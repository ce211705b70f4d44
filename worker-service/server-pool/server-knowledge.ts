import type { RecalledMethod } from '../routing/list-methods.ts'
import type { ServerDefinition } from './server-definition.ts'
import type { HeldState } from './sharing.ts'

/** What is known of the servers of a pool without asking them. It must neither throw nor take long: most of it is asked between frames. */
export interface ServerKnowledge {
  /** What a server once answered to a method without params and would again, JSON text of the result; undefined where it must be asked. */
  recall(server: string, method: RecalledMethod): Buffer | undefined
  /** Why a tool must not be called at present, a clause for people; undefined where it may. */
  whyWithheld(server: string, tool: string): string | undefined
  /** Which of the tools that a server lists on one page must neither be shown nor called: their places in it, each with why as {@link whyWithheld} says it. */
  withheldAmong(server: string, listed: readonly unknown[]): ReadonlyMap<number, string>
  /** What a server that is run in this way was ever seen to hold; undefined where it was seen to hold nothing. */
  seenToHold(definition: ServerDefinition): HeldState | undefined
  /** It was seen to hold this. */
  sawHolding(definition: ServerDefinition, held: HeldState): void
}

/** Knows nothing, so that servers are asked everything and nothing is withheld. */
export const NO_KNOWLEDGE: ServerKnowledge = {
  recall: () => undefined,
  whyWithheld: () => undefined,
  withheldAmong: () => NONE,
  seenToHold: () => undefined,
  sawHolding() {},
}

const NONE: ReadonlyMap<number, string> = new Map()
