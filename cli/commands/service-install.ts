import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { defineCommand } from '../command.ts'
import { defineService, SERVICE_MARK, type ServiceDefinition } from '../service-definition.ts'

/** The worker under the service manager of this user. */
export const command = defineCommand({
  summary:
    "write what has this user's service manager run the worker: a systemd user unit, or a launchd agent on macOS",
  details: [
    'Nothing is enabled and nothing started; it says with which command that is done. PATH is taken over as it is now, since servers are found by it, and so are XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_CACHE_HOME; other variables go to the "env" file beside the configuration.',
  ],
  examples: [{ line: 'pilot service install', does: 'write ~/.config/systemd/user/pilotlight.service' }],
  async run(_, context) {
    const { environment, variables } = context
    const program = [process.execPath, process.argv[1] ?? '']
    const service = defineService({ environment: environment(), variables, platform: process.platform, program })
    context.print(`${(await install(service)) ? 'Wrote' : 'There is already'} ${service.path}.\n`)
    context.print(`Enable it and start it:\n  ${service.enable.join('\n  ')}\n`)
    if (process.platform === 'linux')
      context.print('To have it run while you are logged out:\n  loginctl enable-linger\n')
  },
})

/** Whether anything had to be written. Throws `forbidden` where a file is in the way that was not written here. */
async function install({ path, text }: ServiceDefinition): Promise<boolean> {
  const found = await readFile(path, 'utf8').catch(() => undefined)
  if (found === text) return false
  if (found !== undefined && !found.includes(SERVICE_MARK)) {
    throw new ServiceError('forbidden', `${path} is there and was not written by this command. Move it away.`)
  }
  await mkdir(dirname(path), { recursive: true })
  await writePrivateFile(path, text)
  return true
}
