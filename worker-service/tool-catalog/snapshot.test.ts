import { execFile } from 'node:child_process'
import {
  chmod,
  mkdir,
  mkdtempDisposable,
  readdir,
  readFile,
  rmdir,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../test/support/fixture-server.ts'
import { DEFAULT_SERVER_SETTINGS, type RemoteServerDefinition } from '../server-pool/server-definition.ts'
import { CatalogSnapshot, type RememberedServer } from './snapshot.ts'

const TOOL = { name: 'x', description: 'grün', inputSchema: { type: 'object' }, annotations: { a: [null, 1.5] } }
const LISTING: RememberedServer = {
  kind: 'listing',
  listing: {
    title: 'A',
    description: undefined,
    tools: [TOOL],
    withheld: [{ name: 'y', reason: 'it is broken' }],
    fingerprint: 'f',
  },
  at: 1_700_000_000_000,
}
const FAILURE: RememberedServer = { kind: 'failure', reason: 'it exited with code 1', at: 1_700_000_000_000 }
const DEFINITION = fixtureServer('a')
const NOW = 1_700_000_000_000
const A_DAY_MS = 24 * 3_600_000
const run = promisify(execFile)

async function openSnapshot() {
  const base = await mkdtempDisposable(join(tmpdir(), 'snapshot-'))
  const folder = join(base.path, 'cache', 'catalog')
  const warnings: string[] = []
  const reopen = () => new CatalogSnapshot(folder, (message) => warnings.push(message))
  return { folder, warnings, reopen, snapshot: reopen(), [Symbol.asyncDispose]: () => base[Symbol.asyncDispose]() }
}

describe('a snapshot', () => {
  it.each([LISTING, FAILURE])('remembers a $kind over a restart', async (remembered) => {
    await using opened = await openSnapshot()
    expect(opened.snapshot.read(DEFINITION)).toBeUndefined()
    await opened.snapshot.write(DEFINITION, remembered)
    expect(opened.reopen().read(DEFINITION)).toEqual(remembered)
    expect(opened.warnings).toEqual([])
  })

  it('remembers what a server answers byte for byte, apart from its tools', async () => {
    await using opened = await openSnapshot()
    const answers = new Map([['initialize', [Buffer.from('{ "x":1.50 }')]]] as const)
    await opened.snapshot.writeAnswers(DEFINITION, answers)
    expect(opened.reopen().readAnswers(DEFINITION)).toEqual(answers)
    expect(opened.snapshot.read(DEFINITION)).toBeUndefined()
    const [file = ''] = await readdir(opened.folder)
    await truncate(join(opened.folder, file), 20)
    expect(opened.snapshot.readAnswers(DEFINITION)).toBeUndefined()
    expect(opened.warnings).toEqual([expect.stringContaining(`${file} cannot be read and is passed over`)])
  })

  it('remembers that a server holds what is not for every client', async () => {
    await using opened = await openSnapshot()
    for (const held of ['roots', 'client'] as const) {
      opened.snapshot.noteHolding(DEFINITION, held)
      expect(opened.reopen().seenToHold(DEFINITION)).toBe(held)
    }
    expect(opened.snapshot.seenToHold(fixtureServer('a', { args: ['--other'] }))).toBeUndefined()
    opened.snapshot.prune([DEFINITION], NOW + 91 * A_DAY_MS)
    expect(opened.snapshot.seenToHold(DEFINITION)).toBe('client')
    opened.snapshot.prune([], Date.now() + 200 * 365 * A_DAY_MS)
    expect(await readdir(opened.folder)).toEqual([])
    expect(opened.warnings).toEqual([])
  })

  it('keeps files that only their owner can read', async () => {
    await using opened = await openSnapshot()
    await opened.snapshot.write(DEFINITION, LISTING)
    const [file = ''] = await readdir(opened.folder)
    expect((await stat(opened.folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(opened.folder, file))).mode & 0o777).toBe(0o600)
  })

  it('does not hold the values of variables and headers', async () => {
    await using opened = await openSnapshot()
    await opened.snapshot.write(fixtureServer('a', { env: { TOKEN: 's3cret' } }), LISTING)
    const [file = ''] = await readdir(opened.folder)
    expect(file).toMatch(/^a-[0-9a-f]{16}\.json$/)
    expect(await readFile(join(opened.folder, file), 'utf8')).not.toMatch(/s3cret|TOKEN/)
  })

  it('takes a server that is run in another way for an unknown one', async () => {
    await using opened = await openSnapshot()
    const known = fixtureServer('a', { env: { TOKEN: '1', OTHER: '2' } })
    await opened.snapshot.write(known, LISTING)
    const changed = [
      { ...known, name: 'b' },
      { ...known, command: 'other' },
      { ...known, args: [...known.args, '--more'] },
      { ...known, cwd: '/tmp' },
      { ...known, env: { TOKEN: '1' } },
    ]
    for (const definition of changed) expect(opened.snapshot.read(definition)).toBeUndefined()
    const same = { ...known, env: { OTHER: 'x', TOKEN: 'y' }, startTimeoutMs: 1, includeTools: ['*'] }
    expect(opened.snapshot.read(same)).toEqual(LISTING)
  })

  it('tells remote servers apart by transport, url and the names of headers', async () => {
    await using opened = await openSnapshot()
    const common = { ...DEFAULT_SERVER_SETTINGS, name: 'a' }
    const url = 'https://example.org/mcp'
    const known: RemoteServerDefinition = { ...common, transport: 'http', url, headers: { Authorization: 'Bearer 1' } }
    await opened.snapshot.write(known, LISTING)
    expect(opened.snapshot.read({ ...known, headers: { Authorization: 'Bearer 2' } })).toEqual(LISTING)
    expect(opened.snapshot.read({ ...known, transport: 'sse' })).toBeUndefined()
    expect(opened.snapshot.read({ ...known, url: `${url}/2` })).toBeUndefined()
    expect(opened.snapshot.read({ ...known, headers: {} })).toBeUndefined()
  })

  it.each<[string, (path: string) => Promise<void>]>([
    ['torn', async (path) => truncate(path, 50)],
    ['empty', async (path) => truncate(path, 0)],
    ['no JSON', async (path) => writeFile(path, '\0\0\0')],
    ['null', async (path) => writeFile(path, 'null')],
    ['of an earlier version', async (path) => writeFile(path, '{"format":1,"kind":"failure","reason":"x","at":1}')],
    ['of a later version', async (path) => writeFile(path, '{"format":4,"kind":"failure","reason":"x","at":1}')],
    ['of an unknown kind', async (path) => writeFile(path, '{"format":3,"at":1,"kind":"other"}')],
    [
      'without tools',
      async (path) =>
        writeFile(path, '{"format":3,"at":1,"kind":"listing","listing":{"fingerprint":"f","withheld":[]}}'),
    ],
    [
      'with a broken tool',
      async (path) =>
        writeFile(
          path,
          '{"format":3,"at":1,"kind":"listing","listing":{"fingerprint":"f","withheld":[],"tools":[{"name":1}]}}',
        ),
    ],
    [
      'without a fingerprint',
      async (path) => writeFile(path, '{"format":3,"at":1,"kind":"listing","listing":{"tools":[],"withheld":[]}}'),
    ],
    ['without a time', async (path) => writeFile(path, '{"format":3,"kind":"failure","reason":"x"}')],
  ])('passes over a file that is %s, says so, and replaces it', async (_, damage) => {
    await using opened = await openSnapshot()
    await opened.snapshot.write(DEFINITION, LISTING)
    const [file = ''] = await readdir(opened.folder)
    await damage(join(opened.folder, file))
    expect(opened.snapshot.read(DEFINITION)).toBeUndefined()
    expect(opened.warnings).toEqual([
      expect.stringContaining(`${join(opened.folder, file)} cannot be read and is passed over`),
    ])
    await opened.snapshot.write(DEFINITION, LISTING)
    expect(opened.snapshot.read(DEFINITION)).toEqual(LISTING)
  })

  it('forgets in the end what belongs to no server, and nothing else', async () => {
    await using opened = await openSnapshot()
    const { folder, snapshot } = opened
    const [old, recent] = [fixtureServer('old'), fixtureServer('recent')]
    for (const definition of [DEFINITION, old, recent]) await snapshot.write(definition, LISTING)
    const names = await readdir(folder)
    const nameOf = (server: string) => names.find((name) => name.startsWith(server)) ?? ''
    await writeFile(join(folder, `${nameOf('old')}.x1y2.tmp`), 'a draft of somebody who was killed')
    await writeFile(join(folder, 'notes.json'), 'not ours')
    const longAgo = new Date(NOW - 91 * A_DAY_MS)
    for (const name of await readdir(folder)) await utimes(join(folder, name), longAgo, longAgo)
    const aWhileAgo = new Date(NOW - 89 * A_DAY_MS)
    await utimes(join(folder, nameOf('recent')), aWhileAgo, aWhileAgo)
    snapshot.prune([DEFINITION], NOW)
    expect((await readdir(folder)).toSorted()).toEqual([nameOf('a-'), 'notes.json', nameOf('recent')])
    expect(snapshot.read(DEFINITION)).toEqual(LISTING)
    expect((await stat(join(folder, nameOf('a-')))).mtimeMs).toBe(NOW)
    expect(opened.warnings).toEqual([])
  })

  it('may be pruned by several processes at once', async () => {
    await using opened = await openSnapshot()
    for (let index = 0; index < 200; index++) await opened.snapshot.write(fixtureServer(`s${index}`), LISTING)
    const kept = Array.from({ length: 4 }, (_, index) => fixtureServer(`s${index}`))
    const program = `
      import { CatalogSnapshot } from ${JSON.stringify(join(import.meta.dirname, 'snapshot.ts'))}
      const [definition] = ${JSON.stringify(kept)}.slice(Number(process.argv[1]))
      const later = Date.now() + ${91 * A_DAY_MS}
      new CatalogSnapshot(${JSON.stringify(opened.folder)}, console.log).prune([definition], later)`
    const prune = (index: number) => run(process.execPath, ['--input-type=module', '-e', program, '--', String(index)])
    const said = await Promise.all(kept.map((_, index) => prune(index)))
    expect(said.map(({ stdout }) => stdout).join('')).toBe('')
    expect((await readdir(opened.folder)).length).toBeLessThanOrEqual(4)
  })

  it('has nothing to prune where its folder is gone, and says so', async () => {
    await using opened = await openSnapshot()
    await rmdir(opened.folder)
    opened.snapshot.prune([DEFINITION], NOW)
    expect(opened.warnings).toEqual([expect.stringContaining('ENOENT')])
  })

  it('neither reads nor writes in a folder that is not ours alone', async () => {
    await using opened = await openSnapshot()
    await mkdir(opened.folder, { recursive: true })
    await chmod(opened.folder, 0o777)
    const snapshot = opened.reopen()
    await snapshot.write(DEFINITION, LISTING)
    snapshot.noteHolding(DEFINITION, 'client')
    expect(snapshot.read(DEFINITION)).toBeUndefined()
    expect(await readdir(opened.folder)).toEqual([])
    expect(opened.warnings.at(-1)).toContain(
      `What is known of servers is not kept: The folder ${opened.folder} is not usable`,
    )
  })
})
