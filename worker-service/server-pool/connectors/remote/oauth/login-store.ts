import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { systemCodeOf } from '../../../../../shared/errors/system-code.ts'
import { writePrivateFile } from '../../../../../shared/files/atomic-file.ts'
import { whileLocked } from '../../../../../shared/files/kernel-lock.ts'
import { ensurePrivateFolder } from '../../../../../shared/files/private-folder.ts'
import { isJsonObject } from '../../../../../shared/json-object.ts'
import { parseJson } from '../../../../../shared/parse-json.ts'

/** Tokens as they were issued, and when they end, in milliseconds since 1970. */
export type StoredTokens = OAuthTokens & { expiresAt?: number }

/** What a server last said of the login it wants. */
export interface LoginChallenge {
  resourceMetadataUrl?: string
  scope?: string
}

/** All that is known of our login to one server. */
export interface StoredLogin {
  tokens?: StoredTokens
  client?: OAuthClientInformationMixed
  discovery?: OAuthDiscoveryState
  challenge?: LoginChallenge
}

const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW
const LOCK_PATIENCE_MS = 60_000

/** The login to one server, in a file (0600) of a folder of ours (0700) that all processes of the user share. */
export class LoginStore {
  readonly #folder: string
  readonly #path: string
  readonly #byte: number

  /** `folder` is for logins alone. A server is known by its name and URL, so that a login goes nowhere else. */
  constructor(folder: string, { name, url }: { name: string; url: string }) {
    const digest = createHash('sha256').update(`${name}\n${url}`).digest()
    this.#folder = folder
    this.#path = join(folder, `${name}-${digest.toString('hex', 0, 8)}.json`)
    this.#byte = digest.readUInt32BE(0) >>> 1
  }

  /** What is stored; an unreadable file counts as none. */
  async read(): Promise<StoredLogin> {
    const login = parseJson((await readPrivate(this.#path)) ?? '')
    return isJsonObject(login) ? readLogin(login) : {}
  }

  /** Replaces what is stored by what `change` makes of it. To be called by who holds the lock. */
  async change(change: (login: StoredLogin) => StoredLogin): Promise<void> {
    ensurePrivateFolder(this.#folder)
    await writePrivateFile(this.#path, `${JSON.stringify(change(await this.read()))}\n`, { durable: true })
  }

  /** Does `work` while nobody else on this machine changes this login. */
  async whileLocked<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    ensurePrivateFolder(this.#folder)
    const lock = { path: join(this.#folder, 'lock'), byte: this.#byte, patienceMs: LOCK_PATIENCE_MS }
    return whileLocked(lock, work, signal)
  }

  /** Forgets the login. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}

async function readPrivate(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, READ_ONLY)
    return await file.readFile('utf8')
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

// Only we write the file, so what has the outer shape is as we wrote it.
function readLogin({ tokens, client, discovery, challenge }: Record<string, unknown>): StoredLogin {
  const login: StoredLogin = {}
  if (isJsonObject(tokens) && typeof tokens.access_token === 'string') login.tokens = tokens as unknown as StoredTokens
  if (isJsonObject(client) && typeof client.client_id === 'string') {
    login.client = client as unknown as OAuthClientInformationMixed
  }
  if (isJsonObject(discovery)) login.discovery = discovery as unknown as OAuthDiscoveryState
  if (isJsonObject(challenge)) login.challenge = challenge
  return login
}
