import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { readParams } from '../../shared/frames/read-params.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { Abilities } from './client.ts'

/** What a client says of itself in initialize. */
export interface Hello {
  readonly protocolVersion: string
  readonly abilities: Abilities
}

/** What is wrong with an initialize that {@link parseHello} cannot read. */
export const NO_HELLO =
  'initialize needs params with a protocolVersion that is a string and capabilities that are an object.'

/** Reads the params of an initialize request; undefined when they lack a version or capabilities. */
export function parseHello(frame: RequestFrame): Hello | undefined {
  const { protocolVersion, capabilities } = readParams(frame)
  if (typeof protocolVersion !== 'string' || !isJsonObject(capabilities)) return undefined
  return { protocolVersion, abilities: readAbilities(capabilities) }
}

function readAbilities(capabilities: Record<string, unknown>): Abilities {
  const { roots, sampling, elicitation } = capabilities
  const url = isJsonObject(toObject(elicitation)['url'])
  return {
    roots: isJsonObject(roots),
    sampling: isJsonObject(sampling),
    samplingWithTools: isJsonObject(toObject(sampling)['tools']),
    // MCP 2025-11-25: an elicitation capability that names no mode means forms.
    elicitationByForm: isJsonObject(elicitation) && (isJsonObject(elicitation['form']) || !url),
    elicitationByUrl: url,
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {}
}
