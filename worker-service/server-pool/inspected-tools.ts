import { isJsonObject } from '../../shared/json-object.ts'
import type { ToolInspector } from '../routing/tool-check.ts'
import type { ServerDefinition } from './server-definition.ts'
import type { ServerKnowledge } from './server-knowledge.ts'

/** What the running process of a server lists, looked at before it is called, where changed tools are withheld. */
export class InspectedTools implements ToolInspector {
  readonly #definition: () => ServerDefinition
  readonly #knowledge: ServerKnowledge
  /** Why tools of these names must not be called. */
  readonly #reasons = new Map<string, string>()

  constructor(definition: () => ServerDefinition, knowledge: ServerKnowledge) {
    this.#definition = definition
    this.#knowledge = knowledge
  }

  isNeeded(): boolean {
    return this.#definition().onToolChange === 'block'
  }

  inspect(page: Buffer, { isFirst }: { readonly isFirst: boolean }): string | undefined {
    if (isFirst) this.forget()
    const result: unknown = JSON.parse(page.toString('utf8'))
    const { tools, nextCursor } = isJsonObject(result) ? result : {}
    if (Array.isArray(tools)) this.#look(tools)
    return typeof nextCursor === 'string' ? nextCursor : undefined
  }

  /** Why a tool must not be called; undefined where it may, or is not listed. */
  whyWithheld(tool: string): string | undefined {
    return this.#reasons.get(tool)
  }

  /** They may be others now, or accepted. */
  forget(): void {
    this.#reasons.clear()
  }

  #look(tools: readonly unknown[]): void {
    const withheld = this.#knowledge.withheldAmong(this.#definition().name, tools)
    const names = tools.map((tool) => (isJsonObject(tool) ? tool['name'] : undefined))
    const offered = new Set(names.filter((_, place) => !withheld.has(place)))
    for (const [place, reason] of withheld) {
      const name = names[place]
      if (typeof name === 'string' && !offered.has(name)) this.#reasons.set(name, reason)
    }
  }
}
