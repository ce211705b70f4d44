// Apart from the zod schema so that the front, which must start as fast as an empty Node, can advertise the tool without loading zod.

/** The name under which MCP clients see the operation. */
export const FIND_TOOLS_NAME = 'find_tools'

/** What a field means when it is absent. `limit` counts tools, `min_score` is on the 0..100 scale of `match_score`. */
export const FIND_TOOLS_DEFAULTS = {
  limit: 10,
  min_score: 50,
  request_heartbeat: false,
  detailed_response: false,
  compact: false,
} as const

/** The highest `limit` when `FIND_TOOLS_MAX_LIMIT` says nothing else. */
export const DEFAULT_MAX_LIMIT = 25

/** What an `agent_id` may look like. */
export const AGENT_ID_PATTERN = '^[A-Za-z0-9_-]+$'

/** What the id of an MCP session may look like. */
export const SESSION_ID = /^[A-Za-z0-9_-]{1,128}$/

/** Names the MCP session a find_tools call belongs to, where no `agent_id` does. Set by the front, forwarded to selector APIs. */
export const SESSION_HEADER = 'x-pilotlight-session'

/** The environment variable that names the session to a one-shot, as {@link SESSION_HEADER} does to the worker. */
export const SESSION_VARIABLE = 'PILOTLIGHT_SESSION'

/** The environment variable that tells a one-shot the process id of its front, with which it ends. */
export const FRONT_VARIABLE = 'PILOTLIGHT_FRONT'

/** The environment variable that tells a one-shot what it reads: {@link FRAME_REQUEST}, or, where it is not set, a find_tools request. */
export const REQUEST_VARIABLE = 'PILOTLIGHT_REQUEST'

/** An MCP request, to be answered as the worker answers it, by what is remembered of servers. */
export const FRAME_REQUEST = 'frame'

/** The key of a result's `_meta` that says which path answered: `worker` or `one-shot`. */
export const SOURCE_META_KEY = 'pilotlight/source'

/** JSON Schema (2020-12) of each field of a find_tools request, as advertised to MCP clients and in OpenAPI. */
export function findToolsProperties(maxLimit: number) {
  return {
    query: {
      type: 'string',
      description:
        'What the tool should be able to do, in plain words ("open a pull request"), or the exact name of a tool. Several needs may stand in one query.',
    },
    agent_id: {
      type: 'string',
      pattern: AGENT_ID_PATTERN,
      description: 'Whom the found tools are attached to. Leave out to attach them to this session.',
    },
    keep_tools: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      description: 'Ids (server/tool) of tools that must stay attached, comma-separated or as an array.',
    },
    limit: {
      type: 'number',
      minimum: 1,
      maximum: maxLimit,
      default: FIND_TOOLS_DEFAULTS.limit,
      description: 'How many tools to return at most.',
    },
    min_score: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      default: FIND_TOOLS_DEFAULTS.min_score,
      description: 'The lowest match_score (0 to 100) a tool may have. Lower it when nothing is found.',
    },
    request_heartbeat: {
      type: 'boolean',
      default: FIND_TOOLS_DEFAULTS.request_heartbeat,
      description: 'Passed to the tool selector; asks an agent runtime to continue after the call.',
    },
    detailed_response: {
      type: 'boolean',
      default: FIND_TOOLS_DEFAULTS.detailed_response,
      description: 'Adds to each tool the reasons why it was found.',
    },
    compact: {
      type: 'boolean',
      default: FIND_TOOLS_DEFAULTS.compact,
      description:
        "One line instead of each tool's input schema, and the first sentence of its description: for small contexts.",
    },
  } as const
}
