import { spawn } from 'node:child_process'
import { isPrivateWay } from '../shared/private-way.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Opens a page in the user's browser, without a shell. Does nothing for what is neither https nor http on this machine, and where there is
 * no screen. Whether a page came up nobody can tell.
 */
export function openBrowser(url: URL, variables: Variables): void {
  if (!isPrivateWay(url)) return
  const opener = openerFor(variables)
  if (opener === undefined) return
  const child = spawn(opener, [url.href], { stdio: 'ignore', detached: true })
  // One that is not there is as good as none.
  child.on('error', () => {})
  child.unref()
}

function openerFor({ DISPLAY, WAYLAND_DISPLAY, BROWSER }: Variables): string | undefined {
  if (process.platform === 'darwin') return 'open'
  return DISPLAY || WAYLAND_DISPLAY || BROWSER ? 'xdg-open' : undefined
}
