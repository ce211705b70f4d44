import { defineCommand } from '../command.ts'
import { completionsOf } from '../completion/completions-of.ts'

/** What may stand in the place of the last word that is typed; for the scripts of `pilot completion`. */
export const command = defineCommand({
  summary: 'print what may be typed next, a line each; for the scripts of "pilot completion"',
  positionals: [{ name: 'word', many: true }],
  examples: [{ line: 'pilot complete -- service st', does: 'start, status, stop' }],
  async run({ positionals }, context) {
    const found = await completionsOf(positionals, context)
    context.print(found.map((one) => `${one}\n`).join(''))
  },
})
