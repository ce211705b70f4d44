import type { FoundTool } from '../../shared/contracts/find-tools.ts'

const coloured = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code: number) => (text: string) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text)

/** How the demo paints: as it is on a terminal, plain elsewhere. */
export const style = { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), cyan: paint(36) }

/** Prints one line. */
export function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Prints the title of a step. */
export function step(title: string, aside = ''): void {
  say(`\n${style.yellow('▸')} ${style.bold(title)}${aside === '' ? '' : style.dim(`  ${aside}`)}`)
}

const BAR_WIDTH = 20

/** Prints found tools, best first: score, bar, name, server and the start of the description. */
export function printTools(tools: readonly FoundTool[]): void {
  const nameWidth = Math.max(0, ...tools.map(({ name }) => name.length))
  const serverWidth = Math.max(0, ...tools.map(({ server }) => server?.length ?? 0))
  for (const { name, server, description, match_score } of tools) {
    const score = match_score ?? 0
    const filled = Math.round((score / 100) * BAR_WIDTH)
    const bar = style.green('━'.repeat(filled)) + style.dim('─'.repeat(BAR_WIDTH - filled))
    const cells = [
      score.toFixed(1).padStart(7),
      bar,
      style.bold(name.padEnd(nameWidth)),
      style.cyan((server ?? '').padEnd(serverWidth)),
    ]
    say(`${cells.join('  ')}  ${style.dim(firstWords(description ?? '', 100 - nameWidth - serverWidth - BAR_WIDTH))}`)
  }
}

/** Prints how long paths took beside each other, in milliseconds, the slowest as the longest bar. */
export function printTimes(times: readonly { label: string; ms: number; note: string }[]): void {
  const slowest = Math.max(...times.map(({ ms }) => ms))
  const labelWidth = Math.max(...times.map(({ label }) => label.length))
  for (const { label, ms, note } of times) {
    const bar = '━'.repeat(Math.max(1, Math.round((ms / slowest) * 40)))
    say(`  ${label.padEnd(labelWidth)}  ${ms.toFixed(2).padStart(8)} ms  ${style.green(bar)} ${style.dim(note)}`)
  }
}

function firstWords(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1)).trimEnd()}…`
}
