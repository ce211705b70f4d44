import { readFile, rm } from 'node:fs/promises'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { defineCommand } from '../command.ts'
import { defineService, SERVICE_MARK } from '../service-definition.ts'

/** The end of what `pilot service install` wrote. */
export const command = defineCommand({
  summary: 'remove what "pilot service install" wrote',
  examples: [{ line: 'pilot service uninstall', does: 'remove the unit, and say how to stop what it runs' }],
  async run(_, context) {
    const { environment, variables } = context
    const { path, links, disable } = defineService({
      environment: environment(),
      variables,
      platform: process.platform,
      program: [],
    })
    const found = await readFile(path, 'utf8').catch(() => undefined)
    if (found === undefined) return context.print(`There is no ${path}.\n`)
    if (!found.includes(SERVICE_MARK)) {
      throw new ServiceError('forbidden', `${path} was not written by "pilot service install". Remove it yourself.`)
    }
    for (const one of [path, ...links]) await rm(one, { force: true })
    context.print(`Removed ${path}.\nStop what it runs:\n  ${disable.join('\n  ')}\n`)
  },
})
