import { join } from 'node:path'
import type { ClientId } from '../../../shared/contracts/client-id.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'

/** Where this user's programs keep their files. */
export interface ClientHome {
  /** The home folder. */
  readonly home: string
  readonly platform: NodeJS.Platform
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The folder of a project that was named, whose files are meant then and not those for all projects. */
  readonly project?: string | undefined
}

/** An MCP client whose configuration can be read and changed. */
export interface McpClient {
  readonly id: ClientId
  /** What it is called. */
  readonly title: string
  /** Where it keeps its servers, for all of a user's projects. */
  readonly path: (home: ClientHome) => string
  /** The same for one project, in that project's folder; undefined where it has none. */
  readonly projectPath?: string
  /** The member of that file that holds them. */
  readonly key: string
  /** What an entry of its own has besides command and arguments. */
  readonly marks?: Readonly<Record<string, string>>
}

/** The clients, with the places that their documentation names. */
export const CLIENTS: readonly McpClient[] = [
  {
    id: 'claude',
    title: 'Claude Desktop',
    path: (home) => join(applicationData(home), 'Claude', 'claude_desktop_config.json'),
    key: 'mcpServers',
  },
  {
    id: 'claude-code',
    title: 'Claude Code',
    path: ({ home, variables }) => join(variables.CLAUDE_CONFIG_DIR || home, '.claude.json'),
    projectPath: '.mcp.json',
    key: 'mcpServers',
    marks: { type: 'stdio' },
  },
  {
    id: 'cursor',
    title: 'Cursor',
    path: ({ home }) => join(home, '.cursor', 'mcp.json'),
    projectPath: '.cursor/mcp.json',
    key: 'mcpServers',
  },
  {
    id: 'vscode',
    title: 'VS Code',
    path: (home) => join(applicationData(home), 'Code', 'User', 'mcp.json'),
    projectPath: '.vscode/mcp.json',
    key: 'servers',
    marks: { type: 'stdio' },
  },
  {
    id: 'codex',
    title: 'Codex',
    path: ({ home, variables }) => join(variables.CODEX_HOME || join(home, '.codex'), 'config.toml'),
    projectPath: '.codex/config.toml',
    key: 'mcp_servers',
  },
  {
    id: 'windsurf',
    title: 'Windsurf',
    path: ({ home }) => join(home, '.codeium', 'windsurf', 'mcp_config.json'),
    key: 'mcpServers',
  },
  {
    id: 'zed',
    title: 'Zed',
    path: (home) =>
      join(home.platform === 'darwin' ? join(home.home, '.config') : configFolder(home), 'zed', 'settings.json'),
    projectPath: '.zed/settings.json',
    key: 'context_servers',
    marks: { source: 'custom' },
  },
]

/** The file in which a client has the servers that are meant; undefined where it has none for one project. */
export function fileOf({ path, projectPath }: McpClient, home: ClientHome): string | undefined {
  if (home.project === undefined) return path(home)
  return projectPath === undefined ? undefined : join(home.project, projectPath)
}

/** What is answered where a client has no file for one project. */
export function withoutProjectFile({ title }: McpClient): ServiceError {
  return new ServiceError('invalid_request', `${title} has no servers of single projects.`)
}

function applicationData(home: ClientHome): string {
  return home.platform === 'darwin' ? join(home.home, 'Library', 'Application Support') : configFolder(home)
}

function configFolder({ home, variables }: ClientHome): string {
  return variables.XDG_CONFIG_HOME || join(home, '.config')
}
