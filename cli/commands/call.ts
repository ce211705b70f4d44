import { parseCalls, type TypedCalls } from '../calls/parse-calls.ts'
import { runCall } from '../calls/run-call.ts'
import { showResult } from '../calls/show-result.ts'
import { openTools, type ToolHost } from '../calls/tool-host.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { completeArguments, completeServersAndTools, completeTools } from '../completion/complete-servers.ts'
import { isTerminal } from '../output/is-terminal.ts'
import { waiting } from '../output/waiting.ts'

const TOOL_FAILED = 1

/** Calls tools of the worker's servers. */
export const command = defineCommand({
  summary: 'call a tool and print its result',
  usage: '<server> <tool> [--<argument> <value> …] [--args <json>] [--then <server> <tool> …] [--json] [--direct]',
  positionals: [
    { name: 'server', complete: completeServersAndTools },
    { name: 'tool', complete: completeTools },
  ],
  completeMore: completeArguments,
  options: {
    args: { type: 'text', value: 'json', summary: 'arguments as a JSON object; those with flags of their own win' },
    // oxlint-disable-next-line unicorn/no-thenable -- a flag, and nothing that is awaited
    then: { type: 'flag', summary: 'another call follows, made when the one before it has succeeded' },
    json: { type: 'flag', summary: 'print the whole result as the server sent it' },
    direct: { type: 'flag', summary: 'run the servers in this process, without the service' },
  },
  details: [
    'Arguments have the types of the tool\'s schema: --count 3 is a number, --tags a,b (or --tags a --tags b) a list, --flag and --no-flag are true and false. Text is printed as text, everything else as JSON. A result that is an error goes to stderr, and the command ends with 1. "pilot call <server> <tool> --help" shows a tool\'s arguments.',
    'Without a server, or with -, calls are read from stdin, one JSON object a line, and answered in their order, one line each: the result, or {"status":"error",…}.',
  ],
  examples: [
    { line: 'pilot call files read_text_file --path ./notes.txt', does: 'prints the text of the file' },
    { line: 'pilot call github/search_issues --query "is:open crash" --perPage 5 --json', does: 'the whole result' },
    { line: `pilot call memory create_entities --args '{"entities": []}'`, does: 'arguments that no flag can say' },
    { line: 'pilot call files list_directory --path . --then memory read_graph', does: 'one after the other' },
    { line: `echo '{"server":"memory","tool":"read_graph"}' | pilot call -`, does: 'a batch from stdin' },
  ],
  async run({ typed }, context) {
    const typedCalls = parseCalls(typed)
    await using host = await openTools(context, typedCalls)
    // Awaited, so that servers of this process are not ended before.
    if (typedCalls.isBatch) return await (await import('../calls/run-batch.ts')).runBatch(host, context)
    if (typedCalls.help)
      return await (await import('../calls/print-usage.ts')).printUsage(typedCalls.calls, { host, context })
    await callEach(typedCalls, host, context)
  },
})

async function callEach({ calls, json }: TypedCalls, host: ToolHost, context: CommandContext): Promise<void> {
  for (const call of calls) {
    const raw = await waiting(`${call.server}/${call.tool}`, () => runCall(call, host))
    const { text, isError } = showResult(raw, { json, isTerminal: isTerminal(1) })
    if (!isError) {
      context.print(text)
      continue
    }
    context.tell(text)
    // What was to follow counted on it.
    return context.exitWith(TOOL_FAILED)
  }
}
