/** What the MCP clients whose configuration can be read and changed are called on the command line. */
export const CLIENT_IDS = ['claude', 'claude-code', 'cursor', 'vscode', 'codex', 'windsurf', 'zed'] as const

export type ClientId = (typeof CLIENT_IDS)[number]
