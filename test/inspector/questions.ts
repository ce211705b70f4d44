import { isDeepStrictEqual } from 'node:util'
import { FIND_TOOLS_NAME } from '../../shared/contracts/find-tools-fields.ts'
import { CALL_TOOL_NAME } from '../../shared/contracts/own-tool-names.ts'

/** A method and what belongs to it: as the server itself is asked, and as where it is one of all. */
export interface Question {
  readonly title: string
  readonly one: readonly string[]
  readonly all: readonly string[]
  /** Whether an answer is the one that all servers at once give, where that is not the server's own. */
  readonly ownAnswer?: (json: unknown) => boolean
}

/** The server's name in the pool. */
export const SERVER = 'conformance'

const URI = 'test://static-text'
const READ = ['resources/read', '--uri']
const TOOL = 'test_embedded_resource'
const CALL = ['tools/call', '--tool-name']
const FILLED_IN = ['--prompt-name', 'test_prompt_with_arguments', '--prompt-args', 'arg1=a', 'arg2=b']

/** What the command line of Inspector asks of every face. */
export const QUESTIONS: readonly Question[] = [
  { ...same('tools/list'), ownAnswer: listsOwnTools },
  { title: 'tools/call', one: [...CALL, TOOL], all: [...CALL, CALL_TOOL_NAME, '--tool-arg', `tool=${SERVER}/${TOOL}`] },
  same('resources/list'),
  same('resources/templates/list'),
  { title: 'resources/read', one: [...READ, URI], all: [...READ, `${namespace()}${URI}`] },
  same('prompts/list'),
  same('prompts/get', ...FILLED_IN),
]

/** An answer as the server alone would have given it. */
export function withoutNamespace(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json).replaceAll(namespace(), '')) as unknown
}

function same(title: string, ...more: string[]): Question {
  return { title, one: [title, ...more], all: [title, ...more] }
}

function namespace(): string {
  return `pilotlight://${SERVER}/`
}

function listsOwnTools(json: unknown): boolean {
  const { tools } = json as { tools: { name: string }[] }
  return isDeepStrictEqual(
    tools.map(({ name }) => name),
    [FIND_TOOLS_NAME, CALL_TOOL_NAME],
  )
}
