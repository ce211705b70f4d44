import { isDeepStrictEqual } from 'node:util'
import { JsonScanner } from '../../shared/frames/json-scanner.ts'
import type { ToolDefinition } from './tool-catalog.ts'

/**
 * Tools as JSON text, each as its server sent it on one of these pages (results of tools/list); what is on none of them is written anew,
 * in which numbers may lose how they were written.
 */
export function toolsAsSent(tools: readonly ToolDefinition[], pages: readonly Buffer[]): string[] {
  const sent = new Map(pages.flatMap(itemTexts).map((text) => [nameIn(text), text]))
  return tools.map((tool) => {
    const text = sent.get(tool.name)
    return text !== undefined && isDeepStrictEqual(JSON.parse(text), tool) ? text : JSON.stringify(tool)
  })
}

function itemTexts(page: Buffer): string[] {
  const texts: string[] = []
  const scanner = new JsonScanner(page)
  scanner.object((member) => {
    if (member !== 'tools' || !scanner.isAtArray()) return void scanner.value()
    scanner.array(() => {
      const { start, end } = scanner.value()
      texts.push(page.toString('utf8', start, end))
    })
  })
  return texts
}

function nameIn(text: string): unknown {
  const item: unknown = JSON.parse(text)
  return typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined
}
