import type { Sibling } from '../../shared/contracts/find-tools.ts'
import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import { enumerate } from './enumerate.ts'
import { firstSentence } from './first-sentence.ts'
import { compact } from './index/tokens.ts'
import type { IndexedTool, ToolIndex } from './index/tool-index.ts'

const MAX_SIBLINGS = 3
// A shorter description says too little to be taken for the same.
const MIN_DESCRIPTION_LENGTH = 20

/** Finds the tools of other servers that do nearly the same as one: they have its name, or its description. */
export class Siblings {
  readonly #index: ToolIndex
  // Made when it is first needed: a one-shot that finds nothing does without.
  #byDescription: ReadonlyMap<string, readonly IndexedTool[]> | undefined

  constructor(index: ToolIndex) {
    this.#index = index
  }

  /** The siblings of a tool that are not among those to `omit`, each with its difference, named by `nameOf` their id. */
  of(tool: IndexedTool, omit: ReadonlySet<IndexedTool>, nameOf: (id: string) => string): Sibling[] {
    const alike = new Set([...this.#ofName(tool), ...this.#ofDescription(tool)])
    const siblings = [...alike].filter((one) => one.server !== tool.server && !omit.has(one))
    return siblings
      .slice(0, MAX_SIBLINGS)
      .map((one) => ({ tool_id: one.id, name: nameOf(one.id), difference: describeDifference(tool.tool, one.tool) }))
  }

  #ofName({ compactName }: IndexedTool): IndexedTool[] {
    const { named, tools } = this.#index
    return (named.get(compactName) ?? []).flatMap((place) => tools[place] ?? [])
  }

  #ofDescription({ tool }: IndexedTool): readonly IndexedTool[] {
    this.#byDescription ??= Map.groupBy(this.#index.tools, (one) => descriptionOf(one.tool))
    const description = descriptionOf(tool)
    return description.length < MIN_DESCRIPTION_LENGTH ? [] : (this.#byDescription.get(description) ?? [])
  }
}

// What a sibling has that the tool has not, and the other way round, on a line.
function describeDifference(tool: ToolDefinition, sibling: ToolDefinition): string {
  const [own, its] = [parametersOf(tool), parametersOf(sibling)]
  const more = its.filter((name) => !own.includes(name))
  const less = own.filter((name) => !its.includes(name))
  const parts = [
    ...(more.length > 0 ? [`also takes ${enumerate(more)}`] : []),
    ...(less.length > 0 ? [`does not take ${enumerate(less)}`] : []),
    ...(descriptionOf(tool) === descriptionOf(sibling) ? [] : [`says "${firstSentence(sibling.description)}"`]),
  ]
  return parts.length === 0 ? 'the same, on another server' : parts.join('; ')
}

function parametersOf({ inputSchema }: ToolDefinition): string[] {
  const { properties } = inputSchema
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}

function descriptionOf({ description }: ToolDefinition): string {
  return typeof description === 'string' ? compact(description) : ''
}
