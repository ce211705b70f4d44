import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AttachingCaller, createAttachments } from './attachments.ts'

const NEVER = new AbortController().signal
const ADA: AttachingCaller = { kind: 'agent', id: 'ada' }
const ATTACHER = join(import.meta.dirname, '../../test/fixtures/attach-tools.ts')

let home: string
let folder: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pilotlight-attachments-'))
  folder = join(home, 'state', 'attachments')
})
afterEach(() => rm(home, { recursive: true }))

const keeping =
  (...ids: string[]) =>
  (id: string) =>
    ids.includes(id)

function agent(number: number): AttachingCaller {
  return { kind: 'agent', id: `a${number}` }
}

function setUp(maxCallers?: number) {
  const attachments = createAttachments({ folder, ...(maxCallers === undefined ? {} : { maxCallers }) })
  const replace = (found: string[], kept: string[] = [], caller = ADA) =>
    attachments.replace(caller, { found, isKept: keeping(...kept) }, NEVER)
  return { attachments, replace }
}

async function filesOfCallers(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
}

async function onlyFile(): Promise<string> {
  const [file = '', ...others] = await filesOfCallers()
  expect(others).toEqual([])
  return file
}

describe('createAttachments', () => {
  it('touches nothing before the first caller comes', async () => {
    const { attachments } = setUp()
    expect(await attachments.of(ADA)).toEqual([])
    expect(await readdir(home)).toEqual([])
  })

  it('attaches what was found', async () => {
    const { attachments, replace } = setUp()
    expect(await replace(['s/b', 's/a'])).toEqual({ detached: [], preserved: [], failed: [] })
    expect(await attachments.of(ADA)).toEqual(['s/b', 's/a'])
  })

  it('detaches the rest, in the order in which it was attached', async () => {
    const { attachments, replace } = setUp()
    await replace(['s/c', 's/a', 's/b'])
    expect(await replace(['s/a', 's/x'])).toEqual({ detached: ['s/c', 's/b'], preserved: [], failed: [] })
    expect(await attachments.of(ADA)).toEqual(['s/a', 's/x'])
  })

  it('preserves what shall stay and was not found anew', async () => {
    const { attachments, replace } = setUp()
    await replace(['s/a', 's/b', 's/c'])
    expect(await replace(['s/b', 's/x'], ['s/b', 's/c'])).toEqual({ detached: ['s/a'], preserved: ['s/c'], failed: [] })
    expect(await attachments.of(ADA)).toEqual(['s/b', 's/c', 's/x'])
  })

  it('does not attach what shall stay but never was attached', async () => {
    const { attachments, replace } = setUp()
    await replace(['s/a'], ['s/z'])
    expect(await attachments.of(ADA)).toEqual(['s/a'])
  })

  it('changes nothing when asked twice, the file included', async () => {
    const { replace } = setUp()
    await replace(['s/a', 's/b'])
    const file = await onlyFile()
    const before = await stat(file, { bigint: true })
    expect(await replace(['s/b', 's/a'])).toEqual({ detached: [], preserved: [], failed: [] })
    const after = await stat(file, { bigint: true })
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs])
  })

  it('keeps an agent, another agent and a session of the same id apart', async () => {
    const { attachments, replace } = setUp()
    const callers: AttachingCaller[] = [ADA, { kind: 'agent', id: 'bob' }, { kind: 'session', id: 'ada' }]
    await Promise.all(callers.map((caller) => replace([`s/${caller.kind}-${caller.id}`], [], caller)))
    for (const caller of callers) expect(await attachments.of(caller)).toEqual([`s/${caller.kind}-${caller.id}`])
  })

  it('is seen by another process that uses the same folder', async () => {
    await setUp().replace(['s/a'])
    expect(await setUp().replace(['s/b'])).toEqual({ detached: ['s/a'], preserved: [], failed: [] })
  })

  it('loses no change of many processes at once', async () => {
    const servers = ['p0', 'p1', 'p2', 'p3']
    const children = servers.map((server) =>
      spawn(process.execPath, [ATTACHER, folder, server, '25'], { stdio: 'inherit' }),
    )
    const ends = await Promise.all(children.map((child) => once(child, 'exit')))
    expect(ends).toEqual(servers.map(() => [0, null]))
    const attached = await setUp().attachments.of({ kind: 'agent', id: 'shared' })
    expect(new Set(attached).size).toBe(100)
    expect(attached).toHaveLength(100)
  })

  it('loses no change of many callers at once', async () => {
    const { attachments } = setUp()
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => attachments.replace(ADA, { found: [`s/${i}`], isKept: () => true }, NEVER)),
    )
    expect(await attachments.of(ADA)).toHaveLength(30)
  })

  it.each([
    ['torn', '["s/a","s/'],
    ['empty', ''],
    ['something else', '{"tools":["s/a"]}'],
    ['a list of other things', '[1,2]'],
  ])('counts a file that is %s as nothing attached', async (_, text) => {
    const { attachments, replace } = setUp()
    await replace(['s/a'])
    await writeFile(await onlyFile(), text)
    expect(await attachments.of(ADA)).toEqual([])
    expect(await replace(['s/b'])).toEqual({ detached: [], preserved: [], failed: [] })
    expect(await attachments.of(ADA)).toEqual(['s/b'])
  })

  it('leaves files that only the user can read, and no caller in their names', async () => {
    await setUp().replace(['s/a'], [], { kind: 'session', id: 'a-secret-session' })
    const file = await onlyFile()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(file).not.toContain('secret')
    expect(await readFile(file, 'utf8')).not.toContain('secret')
  })

  it('forgets the callers that have not changed for longest', async () => {
    const { attachments, replace } = setUp(10)
    for (let i = 0; i < 10; i++) {
      await replace(['s/a'], [], agent(i))
      for (const file of await filesOfCallers())
        await utimes(file, new Date(), new Date((await stat(file)).mtimeMs - 60_000))
    }
    await replace(['s/a'], [], agent(10))
    expect(await filesOfCallers()).toHaveLength(9)
    expect(await attachments.of(agent(0))).toEqual([])
    expect(await attachments.of(agent(1))).toEqual([])
    expect(await attachments.of(agent(2))).toEqual(['s/a'])
    expect(await attachments.of(agent(10))).toEqual(['s/a'])
  })

  it('forgets the drafts that killed writers left', async () => {
    const { replace } = setUp(1)
    await replace(['s/a'])
    const draft = join(folder, 'x.json.0123.tmp')
    await writeFile(draft, '["s/')
    await utimes(draft, 0, 0)
    await replace(['s/b'], [], { kind: 'agent', id: 'bob' })
    expect(await readdir(folder)).not.toContain('x.json.0123.tmp')
  })

  it('says nothing of the file system to callers when it cannot write, and works again when it can', async () => {
    const { attachments, replace } = setUp()
    await replace(['s/a'])
    await rm(folder, { recursive: true })
    await writeFile(folder, '')
    const failed = replace(['s/b'])
    await expect(failed).rejects.toMatchObject({ code: 'internal' })
    await expect(failed).rejects.not.toThrow(folder)
    await rm(folder)
    const again = setUp()
    await again.replace(['s/b'])
    expect(await attachments.of(ADA)).toEqual(['s/b'])
  })

  it('refuses a folder that others can write to', async () => {
    await setUp().replace(['s/a'])
    await chmod(folder, 0o777)
    await expect(setUp().replace(['s/b'])).rejects.toMatchObject({ code: 'internal' })
  })

  it('ends with the reason of the signal when the caller leaves', async () => {
    const { attachments } = setUp()
    const wanted = { found: ['s/a'], isKept: () => false }
    await expect(attachments.replace(ADA, wanted, AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
    expect(await attachments.of(ADA)).toEqual([])
  })

  describe('for a session that names an agent', () => {
    const session: AttachingCaller = { kind: 'session', id: 's1' }
    const adaOf = { ...ADA, session: 's1' }

    it('has what the agent has, also what it gets in another way, after a restart too', async () => {
      const { replace } = setUp()
      await replace(['s/own'], [], session)
      await replace(['s/a'], [], adaOf)
      await replace(['s/b'], ['s/a'], ADA)
      expect(await setUp().attachments.of(session)).toEqual(['s/a', 's/b'])
    })

    it('has its own again when it names nobody any more, and leaves the agent what it has', async () => {
      const { attachments, replace } = setUp()
      await replace(['s/a'], [], adaOf)
      expect(await replace(['s/own'], ['s/a'], session)).toEqual({ detached: [], preserved: [], failed: [] })
      expect(await attachments.of(session)).toEqual(['s/own'])
      expect(await attachments.of(ADA)).toEqual(['s/a'])
    })
  })
})
