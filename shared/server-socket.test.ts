import { describe, expect, it } from 'vitest'
import { allServersSocketPath, serverSocketFolder, serverSocketPath } from './server-socket.ts'

const LONGEST_NAME = 'n'.repeat(40)

describe('serverSocketPath', () => {
  it('is the name of the server below the runtime folder', () => {
    expect(serverSocketPath('/run/user/1000/pilotlight', 'git.hub')).toBe(
      '/run/user/1000/pilotlight/servers/git.hub.sock',
    )
  })

  it('has a fingerprint for a name that is too long for it', () => {
    const runtime = `/${'r'.repeat(59)}`
    const path = serverSocketPath(runtime, LONGEST_NAME)
    expect(path).toMatch(/\/servers\/~[0-9a-f]{16}\.sock$/)
    expect(serverSocketPath(runtime, 'short')).toBe(`${runtime}/servers/short.sock`)
    expect(serverSocketPath(runtime, `${LONGEST_NAME.slice(1)}m`)).not.toBe(path)
  })

  it('lies in a folder of its own where the runtime folder is too long', () => {
    const [one, other] = [`/${'r'.repeat(200)}`, `/${'q'.repeat(200)}`]
    expect(serverSocketFolder(one)).toMatch(/^\/tmp\/pilotlight-\d+-[0-9a-f]{16}$/)
    expect(serverSocketFolder(one)).not.toBe(serverSocketFolder(other))
    expect(serverSocketPath(one, 'git')).toBe(`${serverSocketFolder(one)}/git.sock`)
  })

  it.each(Array.from({ length: 110 }, (_, length) => length + 1))(
    'is never longer than 103 bytes (runtime folder of %i)',
    (length) => {
      for (const name of ['a', LONGEST_NAME]) {
        expect(Buffer.byteLength(serverSocketPath(`/${'r'.repeat(length - 1)}`, name))).toBeLessThanOrEqual(103)
        expect(Buffer.byteLength(serverSocketPath(`/${'é'.repeat(length - 1)}`, name))).toBeLessThanOrEqual(103)
      }
    },
  )
})

describe('allServersSocketPath', () => {
  it('is mcp.sock in the runtime folder', () => {
    expect(allServersSocketPath('/run/user/1000/pilotlight')).toBe('/run/user/1000/pilotlight/mcp.sock')
  })

  it.each(Array.from({ length: 110 }, (_, length) => length + 1))(
    'is never longer than 103 bytes, and another for another folder (%i)',
    (length) => {
      const [one, other] = ['r', 'q'].map((letter) => allServersSocketPath(`/${letter.repeat(length)}`))
      expect(Buffer.byteLength(one ?? '')).toBeLessThanOrEqual(103)
      expect(other).not.toBe(one)
    },
  )
})
