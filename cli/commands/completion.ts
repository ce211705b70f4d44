import { ServiceError } from '../../shared/errors/service-error.ts'
import { defineCommand } from '../command.ts'
import { COMPLETION_SCRIPTS } from '../completion/completion-scripts.ts'

type Shell = keyof typeof COMPLETION_SCRIPTS

const SHELLS = Object.keys(COMPLETION_SCRIPTS)

/** What a shell needs to complete `pilot`. */
export const command = defineCommand({
  summary: 'print what a shell needs to complete commands, options, servers and tools',
  positionals: [{ name: SHELLS.join('|'), required: true, complete: async () => SHELLS.map((word) => ({ word })) }],
  examples: [
    { line: 'source <(pilot completion bash)', does: 'in ~/.bashrc' },
    { line: 'source <(pilot completion zsh)', does: 'in ~/.zshrc, behind compinit' },
    { line: 'pilot completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
  async run({ positionals: [shell = ''] }, context) {
    if (!isShell(shell)) {
      throw new ServiceError('invalid_request', `${JSON.stringify(shell)} is none of ${SHELLS.join(', ')}.`)
    }
    context.print(COMPLETION_SCRIPTS[shell])
  },
})

function isShell(shell: string): shell is Shell {
  return SHELLS.includes(shell)
}
