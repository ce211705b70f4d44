import { spawn } from 'node:child_process'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SCRIPT = `
  import { closeInheritedFiles } from ${JSON.stringify(join(import.meta.dirname, 'close-inherited-files.ts'))}
  import { existsSync } from 'node:fs'
  closeInheritedFiles()
  console.log([46, 47, 48].filter((file) => existsSync('/proc/self/fd/' + file)).join())
`

// A file that is read, one that is written to, and a pipe; Node keeps those from its children before the first gap beyond 15.
const BEHIND_A_GAP = ': | { exec "$0" "$@" 46<"$FILE" 47>>"$FILE" 48<&0 0</dev/null; }'

it.runIf(process.platform === 'linux')(
  'closes pipes and files that are written to, and not what is read, as Node reads certificates',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'inherited-'))
    const path = join(folder.path, 'file')
    await writeFile(path, 'certificates')
    const child = spawn('bash', ['-c', BEHIND_A_GAP, process.execPath, '--input-type=module', '-e', SCRIPT], {
      env: { ...process.env, FILE: path },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    for await (const chunk of child.stdout) said += String(chunk)
    expect(said).toBe('46\n')
  },
)
