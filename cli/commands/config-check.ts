import { resolve } from 'node:path'
import { EXIT_BY_CODE } from '../../shared/errors/exit-code.ts'
import { defineCommand } from '../command.ts'
import { printReport, toJson } from '../configuration/print-report.ts'
import { openScreen } from '../output/screen.ts'

/** Reads the configuration as a worker would and says everything about it. */
export const command = defineCommand({
  summary: 'read the configuration and say what is wrong or odd in it, and where',
  positionals: [{ name: 'file' }],
  options: { json: { type: 'flag', summary: 'print the report as JSON' } },
  details: [
    'Starts nothing. Ends with 78 where the file, or one of its servers, cannot be used as it stands; a variable that is not set here is a warning, since the worker may have it.',
  ],
  examples: [
    { line: 'pilot config check', does: 'the configuration that is in use' },
    { line: 'pilot config check ./mcp.yaml --json', does: 'another file, for a script' },
  ],
  async run({ positionals: [file], options }, context) {
    const { variables } = context
    const { checkConfiguration } = await import('../../worker-service/config/check-configuration.ts')
    const report = await checkConfiguration({
      environment: context.environment(),
      variables,
      file: file === undefined ? undefined : resolve(file),
    })
    context.print(options.json ? toJson(report) : printReport(report, openScreen(variables)))
    if (report.errors.length > 0) context.exitWith(EXIT_BY_CODE.invalid_configuration)
  },
})
