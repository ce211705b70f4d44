import type { Command } from './command.ts'
import { command as call } from './commands/call.ts'
import { command as find } from './commands/find.ts'

/** A command, not yet loaded unless it is quick. */
export interface CommandEntry {
  /** What is typed behind `pilot`. */
  readonly words: string
  /** The heading of the help under which it stands. */
  readonly group: string
  readonly load: () => Promise<Command>
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  { words: 'find', group: 'Tools', load: async () => find },
  { words: 'call', group: 'Tools', load: async () => call },
  { words: 'tools', group: 'Tools', load: async () => (await import('./commands/tools.ts')).command },
  { words: 'doctor', group: 'The service', load: async () => (await import('./commands/doctor.ts')).command },
  {
    words: 'tools accept',
    group: 'Tools',
    load: async () => (await import('./commands/tools-accept.ts')).command,
  },
  { words: 'status', group: 'The service', load: async () => (await import('./commands/status.ts')).command },
  {
    words: 'service status',
    group: 'The service',
    load: async () => (await import('./commands/service-status.ts')).command,
  },
  {
    words: 'service logs',
    group: 'The service',
    load: async () => (await import('./commands/service-logs.ts')).command,
  },
  {
    words: 'service run',
    group: 'The service',
    load: async () => (await import('./commands/service-run.ts')).command,
  },
  {
    words: 'service start',
    group: 'The service',
    load: async () => (await import('./commands/service-start.ts')).command,
  },
  {
    words: 'service stop',
    group: 'The service',
    load: async () => (await import('./commands/service-stop.ts')).command,
  },
  {
    words: 'service restart',
    group: 'The service',
    load: async () => (await import('./commands/service-restart.ts')).command,
  },
  {
    words: 'service install',
    group: 'The service',
    load: async () => (await import('./commands/service-install.ts')).command,
  },
  {
    words: 'service uninstall',
    group: 'The service',
    load: async () => (await import('./commands/service-uninstall.ts')).command,
  },
  {
    words: 'service health',
    group: 'The service',
    load: async () => (await import('./commands/service-health.ts')).command,
  },
  {
    words: 'config check',
    group: 'Configuration',
    load: async () => (await import('./commands/config-check.ts')).command,
  },
  { words: 'import', group: 'Configuration', load: async () => (await import('./commands/import.ts')).command },
  {
    words: 'auth login',
    group: 'Configuration',
    load: async () => (await import('./commands/auth-login.ts')).command,
  },
  {
    words: 'auth status',
    group: 'Configuration',
    load: async () => (await import('./commands/auth-status.ts')).command,
  },
  {
    words: 'auth logout',
    group: 'Configuration',
    load: async () => (await import('./commands/auth-logout.ts')).command,
  },
  { words: 'mcp', group: 'MCP clients', load: async () => (await import('./commands/mcp.ts')).command },
  { words: 'connect', group: 'MCP clients', load: async () => (await import('./commands/connect.ts')).command },
  { words: 'completion', group: 'Set up', load: async () => (await import('./commands/completion.ts')).command },
]

/** The command that is typed: the longest of those whose words these begin with. */
export function findEntry(typed: readonly string[]): CommandEntry | undefined {
  const begun = COMMANDS.filter((entry) => wordsOf(entry).every((word, index) => typed[index] === word))
  return begun.toSorted((one, other) => other.words.length - one.words.length)[0]
}

export function wordsOf({ words }: CommandEntry): string[] {
  return words.split(' ')
}

/** Whether there are commands that begin with this word and have more. */
export function isGroup(word: string): boolean {
  return COMMANDS.some(({ words }) => words.startsWith(`${word} `))
}
