import type { IndexedTool } from './tool-index.ts'

/** The two forms in which a tool is named. */
export type NameForm = 'compactName' | 'compactId'

/** A shorter beginning fits too much to mean a tool. */
export const MIN_BEGINNING_LENGTH = 3

/** Finds tools by how their names begin, without a look at all of them. */
export class NameBeginnings {
  readonly #tools: readonly IndexedTool[]
  /** The places of tools by the first letters of their names. Made when it is first needed: most queries need none of it. */
  readonly #byForm = new Map<NameForm, ReadonlyMap<string, readonly number[]>>()

  constructor(tools: readonly IndexedTool[]) {
    this.#tools = tools
  }

  /** The places of all tools whose name begins so and goes on, ascending. `start` has {@link MIN_BEGINNING_LENGTH} letters or more. */
  startingWith(start: string, form: NameForm): number[] {
    const alike = this.#grouped(form).get(firstLetters(start)) ?? []
    return alike.filter((place) => {
      const name = this.#tools[place]?.[form] ?? ''
      return name.length > start.length && name.startsWith(start)
    })
  }

  #grouped(form: NameForm): ReadonlyMap<string, readonly number[]> {
    const known = this.#byForm.get(form)
    if (known !== undefined) return known
    const grouped = Map.groupBy(this.#tools.keys(), (place) => firstLetters(this.#tools[place]?.[form] ?? ''))
    this.#byForm.set(form, grouped)
    return grouped
  }
}

function firstLetters(name: string): string {
  return name.slice(0, MIN_BEGINNING_LENGTH)
}
