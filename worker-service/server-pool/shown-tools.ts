import { type Replacement, replaceSpans } from '../../shared/frames/frame-write.ts'
import { JsonScanner, type Span } from '../../shared/frames/json-scanner.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import type { ToolGate } from './tool-gate.ts'

interface ListedTool {
  readonly span: Span
  /** What it is called, however often it says so. */
  readonly names: readonly unknown[]
}

/** An answer to tools/list without the tools that are not shown or withheld, every other byte as it came: the same buffer where there are none. */
export function withShownTools(answer: Buffer, gate: Pick<ToolGate, 'isShown' | 'withheldAmong'>): Buffer {
  const replacements: Replacement[] = []
  for (const { span, tools } of findLists(answer)) {
    const withheld = gate.withheldAmong(tools.map((tool) => valueAt(answer, tool.span)))
    const isShown = ({ names }: ListedTool) => names.every((name) => typeof name !== 'string' || gate.isShown(name))
    const shown = tools.filter((tool, place) => !withheld.has(place) && isShown(tool))
    if (shown.length === tools.length) continue
    const raw = shown.map((tool) => answer.toString('latin1', tool.span.start, tool.span.end)).join()
    replacements.push({ span, raw: `[${raw}]` })
  }
  return replacements.length === 0 ? answer : replaceSpans(answer, replacements)
}

/** Every list of tools in a frame: a member may stand there twice, and readers differ in which of the two they take. */
function findLists(answer: Buffer): { span: Span; tools: ListedTool[] }[] {
  const lists: { span: Span; tools: ListedTool[] }[] = []
  const scanner = new JsonScanner(answer)
  scanner.object((member) => {
    if (member !== 'result' || !scanner.isAtObject()) return void scanner.value()
    scanner.object((inResult) => {
      if (inResult !== 'tools' || !scanner.isAtArray()) return void scanner.value()
      const tools: ListedTool[] = []
      const span = scanner.array(() => tools.push(readTool(scanner, answer)))
      lists.push({ span, tools })
    })
  })
  return lists
}

function readTool(scanner: JsonScanner, answer: Buffer): ListedTool {
  if (!scanner.isAtObject()) return { span: scanner.value(), names: [] }
  const names: unknown[] = []
  const span = scanner.object((member) => {
    const value = scanner.value()
    if (member === 'name') names.push(valueAt(answer, value))
  })
  return { span, names }
}
