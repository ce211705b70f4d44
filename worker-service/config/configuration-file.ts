import { isUtf8 } from 'node:buffer'
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { basename } from 'node:path'
import { type Note, positionAt } from './formats/document.ts'

/** Where a configuration may lie. */
interface ConfigurationPlaces {
  path: string
  /** Files that stand for it where they are there instead. */
  alternatives?: readonly string[]
}

/** The text of a configuration, and the path it lies at, or was looked for; or why it is not read. */
export type ConfigurationFile = { path: string } & FileContent

type FileContent = { kind: 'text'; text: string } | { kind: 'none' } | { kind: 'mistake'; mistake: Note }

// A pipe would be waited for until somebody writes to it.
const READ_WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK
const GROUP_MAY_WRITE = 0o020
const OTHERS_MAY_WRITE = 0o002
// Beyond any configuration; a text has a length that it cannot exceed.
const MAX_MEGABYTES = 64
const BYTES_PER_MEGABYTE = 1024 * 1024
const REPLACEMENT_CHARACTER = '\uFFFD'

// Reads without promises, whose part of `node:fs` takes longer to load than all of this: nothing else goes on at a start.

/** Reads the one file that is there. One that others could change is not read. */
export function readConfigurationFile({ path, alternatives = [] }: ConfigurationPlaces): ConfigurationFile {
  const [found = path, ...more] = [path, ...alternatives].filter((one) => existsSync(one))
  if (more.length === 0) return { path: found, ...readOne(found) }
  const others = more.map((other) => basename(other)).join(' and ')
  return { path: found, ...mistake(`there is also ${others} beside it; keep one of them`) }
}

function readOne(path: string): FileContent {
  let file: number
  try {
    file = openSync(path, READ_WITHOUT_WAITING)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    return code === 'ENOENT' ? { kind: 'none' } : mistake(`it cannot be opened: ${message}`)
  }
  try {
    const found = fstatSync(file)
    if (!found.isFile()) return mistake('it is not a file; give the path of an mcp.json')
    // It names programs that run as this user.
    if (isWritableByOthers(found)) return mistake(`others can write to it; run "chmod go-w ${path}"`)
    if (found.size > MAX_MEGABYTES * BYTES_PER_MEGABYTE)
      return mistake(`it is larger than ${MAX_MEGABYTES} MB; give the path of an mcp.json`)
    return decode(readFileSync(file))
  } finally {
    closeSync(file)
  }
}

function decode(bytes: Buffer): FileContent {
  const text = bytes.toString()
  if (isUtf8(bytes)) return { kind: 'text', text }
  return mistake('this is not UTF-8; save it as UTF-8', positionAt(text.indexOf(REPLACEMENT_CHARACTER), text))
}

function mistake(text: string, position?: Note['position']): FileContent {
  return { kind: 'mistake', mistake: { text, position } }
}

// Where every user has a group of its own (its number is then the user's) files are writable for the group by default.
function isWritableByOthers({ mode, uid, gid }: Stats): boolean {
  return (mode & OTHERS_MAY_WRITE) !== 0 || ((mode & GROUP_MAY_WRITE) !== 0 && gid !== uid)
}
