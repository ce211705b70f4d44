import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Environment } from '../shared/environment.ts'

/** A file by which a service manager runs the worker, and the commands that have it do so, or no longer. */
export interface ServiceDefinition {
  readonly path: string
  readonly text: string
  readonly enable: readonly string[]
  readonly disable: readonly string[]
  /** What enabling it leaves behind beside the file. */
  readonly links: readonly string[]
}

/** What is run, and for whom. */
export interface ServiceOptions {
  readonly environment: Environment
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Node and the program `pilot`. */
  readonly program: readonly string[]
}

// By these the worker finds its files where the commands look for them; a service manager has others, or none.
const PLACES = ['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME']

/** Stands in every file that was written here. */
export const SERVICE_MARK = 'Written by "pilot service install"; "pilot service uninstall" removes it.'

/** The worker as a unit of systemd's user manager or, on macOS, as an agent of launchd. */
export function defineService(options: ServiceOptions): ServiceDefinition {
  return options.platform === 'darwin' ? launchdAgent(options) : systemdUnit(options)
}

function systemdUnit({ environment, variables, program }: ServiceOptions): ServiceDefinition {
  const name = `pilotlight${environment.suffix}`
  // Beside the folder of our own.
  const folder = join(dirname(dirname(environment.variablesPath)), 'systemd', 'user')
  const usualFolder = join(variables.HOME ?? homedir(), '.config', 'systemd', 'user')
  const path = join(folder, `${name}.service`)
  // A manager that looks elsewhere is told where it lies, and links it.
  const unit = folder === usualFolder ? name : quoteForShell(path)
  const command = [...program, 'service', 'run', '--config', environment.configPath]
  const text = `# ${SERVICE_MARK}
[Unit]
Description=Pilotlight, which keeps MCP tools warm

[Service]
ExecStart=${command.map((word) => quoteForSystemd(word).replaceAll('$', '$$$$')).join(' ')}
${environmentOf(variables)
  .map(([variable, value]) => `Environment=${quoteForSystemd(`${variable}=${value}`)}`)
  .join('\n')}
EnvironmentFile=-${environment.variablesPath.replaceAll('%', '%%')}
Restart=on-failure
RestartPreventExitStatus=78
TimeoutStopSec=15

[Install]
WantedBy=default.target
`
  return {
    path,
    text,
    enable: [`systemctl --user daemon-reload && systemctl --user enable --now ${unit}`],
    disable: [`systemctl --user stop ${name}; systemctl --user daemon-reload`],
    links: [folder, usualFolder].flatMap((place) => [
      join(place, `${name}.service`),
      join(place, 'default.target.wants', `${name}.service`),
    ]),
  }
}

function environmentOf(variables: ServiceOptions['variables']): [string, string][] {
  return ['PATH', ...PLACES].flatMap((name) => {
    const value = variables[name] ?? ''
    return value === '' ? [] : [[name, value]]
  })
}

function quoteForSystemd(word: string): string {
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
}

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function launchdAgent({ environment, variables, program }: ServiceOptions): ServiceDefinition {
  const label = `pilotlight.worker${environment.suffix}`
  const path = join(variables.HOME ?? homedir(), 'Library', 'LaunchAgents', `${label}.plist`)
  const command = [...program, 'service', 'run', '--config', environment.configPath]
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${SERVICE_MARK} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${escapeXml(label)}</string>
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    <string>${escapeXml(word)}</string>`).join('\n')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environmentOf(variables)
  .map(([name, value]) => `    <key>${name}</key><string>${escapeXml(value)}</string>`)
  .join('\n')}
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>StandardErrorPath</key><string>${escapeXml(environment.workerLogPath)}</string>
</dict>
</plist>
`
  return {
    path,
    text,
    enable: [`launchctl bootstrap gui/$(id -u) ${quoteForShell(path)}`],
    disable: [`launchctl bootout gui/$(id -u)/${label}`],
    links: [],
  }
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
