import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { basename } from 'node:path'

/** Where a configuration may lie. */
interface ConfigurationPlaces {
  path: string
  /** Files that stand for it where they are there instead. */
  alternatives?: readonly string[]
}

/** The text of a configuration, and the path it lies at, or was looked for; or why it is not read. */
export type ConfigurationFile = { path: string } & FileContent

type FileContent = { kind: 'text'; text: string } | { kind: 'none' } | { kind: 'mistake'; mistake: string }

// A pipe would be waited for until somebody writes to it.
const READ_WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK
const GROUP_MAY_WRITE = 0o020
const OTHERS_MAY_WRITE = 0o002

// Reads without promises, whose part of `node:fs` takes longer to load than all of this: nothing else goes on at a start.

/** Reads the one file that is there. One that others could change is not read. */
export function readConfigurationFile({ path, alternatives = [] }: ConfigurationPlaces): ConfigurationFile {
  const [found = path, ...more] = [path, ...alternatives].filter((one) => existsSync(one))
  if (more.length === 0) return { path: found, ...readOne(found) }
  const others = more.map((other) => basename(other)).join(' and ')
  return { path: found, kind: 'mistake', mistake: `there is also ${others} beside it; keep one of them` }
}

function readOne(path: string): FileContent {
  let file: number
  try {
    file = openSync(path, READ_WITHOUT_WAITING)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    return code === 'ENOENT' ? { kind: 'none' } : { kind: 'mistake', mistake: `it cannot be opened: ${message}` }
  }
  try {
    const found = fstatSync(file)
    if (!found.isFile()) return { kind: 'mistake', mistake: 'it is not a file; give the path of an mcp.json' }
    // It names programs that run as this user.
    if (isWritableByOthers(found))
      return { kind: 'mistake', mistake: `others can write to it; run "chmod go-w ${path}"` }
    return { kind: 'text', text: readFileSync(file, 'utf8') }
  } finally {
    closeSync(file)
  }
}

// Where every user has a group of its own (its number is then the user's) files are writable for the group by default.
function isWritableByOthers({ mode, uid, gid }: Stats): boolean {
  return (mode & OTHERS_MAY_WRITE) !== 0 || ((mode & GROUP_MAY_WRITE) !== 0 && gid !== uid)
}
