import { mkdtempDisposable, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { ChildSupervision, endLeftovers } from './child-supervision.ts'
import { toContainerRun } from './docker-run.ts'
import { createStdioConnector } from './stdio.ts'

const NEVER = new AbortController().signal
const QUICK = { inputEndMs: 50, termMs: 50, killMs: 5_000 }
const FAKE = join(import.meta.dirname, '../../../test/fixtures/bin-docker.cjs')
const ID = 'c0ffee'.repeat(10)
const newFile = () => '/new.cid'

describe('toContainerRun', () => {
  it.each([
    ['docker run -i --rm image', 'run --cidfile /new.cid -i --rm image', ''],
    ['/usr/bin/podman container run image', 'container run --cidfile /new.cid image', ''],
    ['docker --context far -D run image', '--context far -D run --cidfile /new.cid image', '--context far -D'],
  ])('gives "%s" a file for the id', (line, args, engine) => {
    const [command = '', ...given] = line.split(' ')
    const run = toContainerRun({ command, args: given }, newFile)
    expect(run?.program.args.join(' ')).toBe(args)
    expect(run?.container).toEqual({
      cidFile: '/new.cid',
      engine: { command, args: engine.split(' ').filter(Boolean) },
    })
  })

  it.each(['run --cidfile mine image', 'run -i --cidfile=mine image'])('keeps the file of "docker %s"', (line) => {
    const args = line.split(' ')
    const run = toContainerRun({ command: 'docker', args }, newFile)
    expect(run).toMatchObject({ program: { args }, container: { cidFile: 'mine' } })
  })

  it.each(['docker exec -i box server', 'docker compose run server', 'node run', 'docker', 'docker --version'])(
    'leaves "%s" as it is',
    (line) => {
      const [command = '', ...args] = line.split(' ')
      expect(toContainerRun({ command, args }, newFile)).toBeUndefined()
    },
  )
})

async function startContainer(folder: string) {
  await symlink(FAKE, join(folder, 'docker'))
  const note = join(folder, 'note')
  const recordsFolder = join(folder, 'children')
  const variables = { PATH: `${folder}:${process.env.PATH}`, DOCKER_CONFIG: note }
  const supervision = await ChildSupervision.start({ variables, recordsFolder })
  const open = createStdioConnector({ variables, supervision, graces: QUICK })
  const definition = { ...fixtureServer('box'), command: 'docker', args: ['run', '-i', 'image'] }
  const connection = await open(definition, NEVER)
  const { promise: up, resolve } = Promise.withResolvers<void>()
  connection.receive({ frame: () => resolve(), oversizedFrame: () => {} })
  await up
  return { connection, supervision, note, recordsFolder, variables }
}

describe('a server that runs as a container', () => {
  it('is killed by its id when it is stopped', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'docker-'))
    const { connection, supervision, note, recordsFolder } = await startContainer(folder.path)
    await connection[Symbol.asyncDispose]()
    expect(await readFile(note, 'utf8')).toMatch(new RegExp(`^run --cidfile \\S+ -i image\nkill ${ID}\n$`))
    const [marker = ''] = await readdir(recordsFolder)
    expect(await readdir(join(recordsFolder, marker))).toEqual(['worker'])
    await supervision[Symbol.asyncDispose]()
    expect(await readdir(recordsFolder)).toEqual([])
  })

  it('is killed by its id when the next worker reaps', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'docker-'))
    const { connection, supervision, note, recordsFolder, variables } = await startContainer(folder.path)
    const [marker = ''] = await readdir(recordsFolder)
    const file = join(recordsFolder, marker, 'worker')
    const owner = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }))
    const ended = connection.closed
    const reaped = await endLeftovers({ recordsFolder, variables }, NEVER)
    expect(reaped.containers).toBe(1)
    expect(reaped.processes).toBeGreaterThan(0)
    expect(await ended).toMatchObject({ kind: 'exited' })
    expect(await readFile(note, 'utf8')).toContain(`kill ${ID}\n`)
    await connection[Symbol.asyncDispose]()
    await supervision[Symbol.asyncDispose]()
  })
})
