import { FIND_TOOLS_NAME } from './find-tools-fields.ts'

/** The name of the tool that calls another one. */
export const CALL_TOOL_NAME = 'call_tool'

/** The name of the tool that reads on in a result that was too large to be given at once. */
export const READ_RESULT_NAME = 'read_result'

/** The names of our own tools, which no server's tool is given. */
export const OWN_TOOL_NAMES = [FIND_TOOLS_NAME, CALL_TOOL_NAME, READ_RESULT_NAME] as const
