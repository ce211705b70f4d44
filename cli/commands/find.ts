import { openTools } from '../calls/tool-host.ts'
import { defineCommand } from '../command.ts'
import { waiting } from '../output/waiting.ts'

/** Finds tools for what one wants to do. */
export const command = defineCommand({
  summary: 'find the tools of all servers that can do something',
  positionals: [{ name: 'query', required: true, many: true }],
  options: {
    limit: { type: 'text', value: 'n', summary: 'at most this many (default 10)' },
    'min-score': { type: 'text', value: 'score', summary: 'the lowest score of a tool, 0 to 100 (default 50)' },
    json: { type: 'flag', summary: 'print the whole answer of find_tools' },
    direct: { type: 'flag', summary: 'look in this process, without the service' },
  },
  examples: [
    { line: 'pilot find "open a pull request"', does: 'the tools that do that, best first' },
    { line: 'pilot find read a file --limit 3 --min-score 40', does: 'three at most, also such that fit less well' },
    {
      line: `pilot find "query a database" --json | jq '.details.successful_attachments[].tool_id'`,
      does: 'for programs',
    },
  ],
  async run({ positionals, options }, context) {
    const { limit, json, direct } = options
    const request = {
      query: positionals.join(' '),
      ...(limit !== undefined && { limit }),
      ...(options['min-score'] !== undefined && { min_score: options['min-score'] }),
    }
    await using host = await openTools(context, { direct, isFinding: true })
    const answer = await waiting('looking for tools', () => host.find(request))
    if (json) return context.print(`${answer}\n`)
    const { printFound } = await import('../calls/print-found.ts')
    printFound(JSON.parse(answer), context)
  },
})
