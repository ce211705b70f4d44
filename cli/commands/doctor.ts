import type { Finding } from '../../worker-service/doctor.ts'
import { defineCommand } from '../command.ts'
import { escapeText } from '../output/escape.ts'
import { openScreen, type Style } from '../output/screen.ts'

const UNHEALTHY = 1
const SIGNS = { ok: '✓', warning: '!', error: '✗' } as const
const COLOURS = { ok: 'green', warning: 'yellow', error: 'red' } as const

/** All that the worker needs, looked at. */
export const command = defineCommand({
  summary: 'look at everything that the worker needs, start each server once, and say what to do',
  options: { json: { type: 'flag', summary: 'print the findings as JSON' } },
  details: [
    'Looks at Node, the folders and their permissions, the sockets, the token, the embeddings endpoint where there is one, the configuration, the worker, its port, how servers are isolated, and at each server, which is started and stopped, four at a time. Ends with 1 where something is wrong.',
  ],
  examples: [
    { line: 'pilot doctor', does: 'what is wrong, and what to do about it' },
    { line: 'pilot doctor --json', does: 'the same for a program: about, state, says, remedy' },
  ],
  async run({ options: { json } }, context) {
    const { environment, variables, signal } = context
    const { examine } = await import('../../worker-service/doctor.ts')
    const { style } = openScreen(variables)
    const findings: Finding[] = []
    for await (const finding of examine({ environment: environment(), variables }, signal)) {
      findings.push(finding)
      if (!json) context.print(toLines(finding, style))
    }
    if (json) context.print(`${JSON.stringify(findings, undefined, 2)}\n`)
    if (findings.some(({ state }) => state === 'error')) context.exitWith(UNHEALTHY)
  },
})

function toLines({ about, state, says, remedy }: Finding, style: Style): string {
  const paint = style[COLOURS[state]]
  const lines = [`${paint(SIGNS[state])} ${style.bold(escapeText(about))}: ${escapeText(says)}`]
  if (remedy !== undefined) lines.push(`    ${escapeText(remedy)}`)
  return `${lines.join('\n')}\n`
}
