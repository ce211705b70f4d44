import type { FoundTool } from '../../../shared/contracts/find-tools.ts'
import type { ToolCatalog } from '../../tool-catalog/tool-catalog.ts'
import type { Attachments } from '../attachments.ts'
import { toItemId } from '../client-names.ts'
import type { ToolSelector } from '../tool-selector.ts'

interface Here {
  readonly catalog: Pick<ToolCatalog, 'servers'>
  readonly attachments: Attachments
}

/** A selector elsewhere, of which what it attaches to a caller is attached here too, as far as it is a tool of our own servers. */
export function attachingHere(selector: ToolSelector, { catalog, attachments }: Here): ToolSelector {
  return {
    async attach(request, caller, signal) {
      const answer = await selector.attach(request, caller, signal)
      const { successful_attachments: found, detached_tools: detached } = answer.details
      // A worker without servers of its own may have no folder that it can write to either.
      if (caller.kind === 'nobody' || found.length === 0 || catalog.servers().length === 0) return answer
      const own = ownIdsAmong(found, catalog)
      await attachments.replace(caller, { found: own, isKept: (id) => !detached.includes(id) }, signal)
      return answer
    },
    search: (query, limit, signal) => selector.search(query, limit, signal),
    check: (signal) => selector.check(signal),
    [Symbol.asyncDispose]: () => selector[Symbol.asyncDispose](),
  }
}

/** The ids of found tools that our servers have: by their id, or by what they say of server and name. */
function ownIdsAmong(found: readonly FoundTool[], catalog: Here['catalog']): string[] {
  const known = new Set(
    catalog.servers().flatMap(({ name: server, tools }) => tools.map(({ name }) => toItemId({ server, name }))),
  )
  const idsOf = ({ tool_id: id, server, name }: FoundTool) => [id, ...(server ? [toItemId({ server, name })] : [])]
  return found.flatMap((tool) => idsOf(tool).find((id) => known.has(id)) ?? [])
}
