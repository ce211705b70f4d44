import type { Abilities } from './client.ts'
import type { RequestFrame } from './frame-scan.ts'

/** What a client says of itself in initialize. */
export interface Hello {
  readonly protocolVersion: string
  readonly abilities: Abilities
}

/** Reads the params of an initialize request; undefined when they lack a version or capabilities. */
export function parseHello({ bytes, spans }: RequestFrame): Hello | undefined {
  const span = spans.get('params')
  const params = span === undefined ? {} : toObject(JSON.parse(bytes.toString('utf8', span.start, span.end)))
  const { protocolVersion, capabilities } = params
  if (typeof protocolVersion !== 'string' || !isObject(capabilities)) return undefined
  return { protocolVersion, abilities: readAbilities(capabilities) }
}

function readAbilities(capabilities: Record<string, unknown>): Abilities {
  const { roots, sampling, elicitation } = capabilities
  const url = isObject(toObject(elicitation)['url'])
  return {
    roots: isObject(roots),
    sampling: isObject(sampling),
    samplingWithTools: isObject(toObject(sampling)['tools']),
    // MCP 2025-11-25: an elicitation capability that names no mode means forms.
    elicitationByForm: isObject(elicitation) && (isObject(elicitation['form']) || !url),
    elicitationByUrl: url,
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
