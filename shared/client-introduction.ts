import { isAbsolute } from 'node:path'
import { SESSION_ID } from './contracts/find-tools-fields.ts'
import { ServiceError } from './errors/service-error.ts'
import { isJsonObject } from './json-object.ts'

/**
 * Who speaks on a socket, where it says so: one line before its first frame, `{"pilotlight":{"project":…,"client":…,"session":…}}`, which
 * no server sees. Every member may be left out, and so may the line.
 */
export interface ClientIntroduction {
  /** Its working directory, absolute. */
  project?: string
  /** Who it is across connections. */
  client?: string
  /** The MCP session that the connection goes on with, to which found tools are attached: letters, digits, `-` and `_`, at most 128. */
  session?: string
}

const BEGINNING = Buffer.from('{"pilotlight":')
const MAX_LINE_BYTES = 16_384
const MAX_PATH_CHARACTERS = 4_096
const MAX_CLIENT_CHARACTERS = 200

/** The line that introduces a client, its newline included. */
export function introductionLine(introduction: ClientIntroduction): string {
  return `${JSON.stringify({ pilotlight: introduction })}\n`
}

/** Reads the first line of a client; undefined where it is a frame already. Throws `invalid_request` for an introduction that is none. */
export function readIntroduction(line: Buffer): ClientIntroduction | undefined {
  if (!line.subarray(0, BEGINNING.length).equals(BEGINNING)) return undefined
  const { project, client, session } = parse(line)
  const introduction: ClientIntroduction = {}
  if (project !== undefined) {
    if (!isFolder(project)) throw invalid('its "project" must be the absolute path of a folder')
    introduction.project = project
  }
  if (client !== undefined) {
    if (!isText(client, MAX_CLIENT_CHARACTERS)) {
      throw invalid(`its "client" must be a text of 1 to ${MAX_CLIENT_CHARACTERS} characters`)
    }
    introduction.client = client
  }
  if (session !== undefined) {
    if (typeof session !== 'string' || !SESSION_ID.test(session)) {
      throw invalid('its "session" must be 1 to 128 letters, digits, "-" or "_"')
    }
    introduction.session = session
  }
  return introduction
}

function parse(line: Buffer): Record<string, unknown> {
  if (line.length > MAX_LINE_BYTES) throw invalid(`it is over ${MAX_LINE_BYTES} bytes`)
  try {
    const { pilotlight } = JSON.parse(line.toString()) as { pilotlight: unknown }
    if (isJsonObject(pilotlight)) return pilotlight
  } catch {
    // No JSON.
  }
  throw invalid('it must read {"pilotlight":{"project":"/a/folder","client":"a name"}}')
}

function isFolder(value: unknown): value is string {
  return isText(value, MAX_PATH_CHARACTERS) && isAbsolute(value) && !value.includes('\0')
}

function isText(value: unknown, maxCharacters: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxCharacters
}

function invalid(problem: string): ServiceError {
  return new ServiceError('invalid_request', `The client's introduction is not usable: ${problem}.`)
}
