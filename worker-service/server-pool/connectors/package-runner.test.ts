import { describe, expect, it } from 'vitest'
import { readRunnerEntry } from './package-runner.ts'

function read(line: string) {
  const [command = '', ...args] = line.split(' ')
  return readRunnerEntry({ command, args })
}

describe('readRunnerEntry', () => {
  it.each([
    ['npx -y pkg', { spec: 'pkg', packageName: 'pkg', exactVersion: undefined, bin: undefined, args: [] }],
    [
      'npx -y @a/b@1.2.3 --port 1',
      { spec: '@a/b@1.2.3', packageName: '@a/b', exactVersion: '1.2.3', args: ['--port', '1'] },
    ],
    ['/usr/bin/npx --yes -q pkg@latest .', { spec: 'pkg@latest', exactVersion: undefined, args: ['.'] }],
    ['npx -y pkg@^1.2.0', { packageName: 'pkg', exactVersion: undefined }],
    ['npx --package=@a/b@1.0.0 cmd -x', { spec: '@a/b@1.0.0', bin: 'cmd', args: ['-x'], exactVersion: '1.0.0' }],
    ['npx -p pkg -- cmd', { spec: 'pkg', bin: 'cmd', args: [] }],
    ['uvx mcp-server-git --repository .', { packageName: 'mcp-server-git', args: ['--repository', '.'] }],
    ['uvx tool@1.2.0', { packageName: 'tool', exactVersion: '1.2.0' }],
    ['uvx --from pkg==2 cmd', { packageName: 'pkg', exactVersion: '2', bin: 'cmd' }],
  ])('reads "%s"', (line, expected) => {
    expect(read(line)).toMatchObject(expected)
  })

  it.each([
    'node server.js',
    'npx',
    'npx -y',
    'npx -c "pkg --help"',
    'npx -y ./folder',
    'npx -y /folder',
    'npx -y github:a/b',
    'npx -y https://example.org/a.tgz',
    'npx -p a -p b cmd',
    'npx --registry=http://example.org pkg',
    'uvx --python 3.12 tool',
    'uvx --from git+https://example.org/a tool',
    'uvx pkg[extra]',
    'uv tool run pkg',
  ])('leaves "%s" as it is', (line) => {
    expect(read(line)).toBeUndefined()
  })
})
