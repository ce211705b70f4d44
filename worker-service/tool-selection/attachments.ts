import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Caller, FailedAttachment } from '../../shared/contracts/find-tools.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { systemCodeOf } from '../../shared/errors/system-code.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { forgetOldest } from '../../shared/files/forget-oldest.ts'
import { whileLocked } from '../../shared/files/kernel-lock.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { fingerprint } from '../../shared/fingerprint.ts'
import { isJsonObject } from '../../shared/json-object.ts'

/** Somebody whom tools can be attached to. */
export type AttachingCaller = Exclude<Caller, { kind: 'nobody' }>

/** What shall be attached: what was found, and what stays of what was attached before. All are tool ids (`server/tool`). */
export interface WantedAttachments {
  found: readonly string[]
  isKept: (toolId: string) => boolean
}

/**
 * Tool ids that were attached before and no longer are, those that are still attached without having been found, in attach order, and
 * what was found and could not be attached.
 */
export interface AttachmentChange {
  detached: string[]
  preserved: string[]
  failed: FailedAttachment[]
}

/** Which tools are attached to whom. Worker and one-shots share it, so that they agree. */
export interface Attachments {
  /** The ids of the tools attached to a caller, in the order attached; to a session that had them attached to an agent last, that agent's. */
  of(caller: AttachingCaller): Promise<string[]>
  /** Attaches what was found and detaches the rest. Throws the signal's reason, and `internal` where the folder cannot be used. */
  replace(caller: AttachingCaller, wanted: WantedAttachments, signal: AbortSignal): Promise<AttachmentChange>
}

interface AttachmentsOptions {
  /** Ours alone; made when first needed. */
  folder: string
  /** How many callers are remembered; those longest without a change are forgotten first. */
  maxCallers?: number
}

const DEFAULT_MAX_CALLERS = 1_000
const LOCK_FILE = 'lock'
// Only a stopped process holds the lock for so long. A change that is lost is worse than one that comes late.
const LOCK_PATIENCE_MS = 2_000

/** Keeps attachments in a folder, one small file per caller. Nothing is touched before the first caller comes. */
export function createAttachments({ folder, maxCallers = DEFAULT_MAX_CALLERS }: AttachmentsOptions): Attachments {
  return new AttachmentFolder(folder, maxCallers)
}

class AttachmentFolder implements Attachments {
  readonly #folder: string
  readonly #maxCallers: number
  #ready = false

  constructor(folder: string, maxCallers: number) {
    this.#folder = folder
    this.#maxCallers = maxCallers
  }

  async of(caller: AttachingCaller): Promise<string[]> {
    const known = readAttached(this.#fileOf(caller))
    if (known?.kind === 'agent') return this.of(known)
    return known?.ids ?? []
  }

  async replace(caller: AttachingCaller, wanted: WantedAttachments, signal: AbortSignal): Promise<AttachmentChange> {
    try {
      this.#prepare()
      const lock = { path: join(this.#folder, LOCK_FILE), byte: lockByteOf(caller), patienceMs: LOCK_PATIENCE_MS }
      const change = await whileLocked(lock, () => this.#replace(this.#fileOf(caller), wanted), signal)
      if (caller.kind === 'agent' && caller.session !== undefined) await this.#follow(caller.session, caller.id)
      return change
    } catch (cause) {
      if (signal.aborted) throw cause
      throw new ServiceError('internal', 'What is attached could not be recorded in the state folder.', { cause })
    }
  }

  async #replace(file: string, { found, isKept }: WantedAttachments): Promise<AttachmentChange> {
    const known = readAttached(file)
    const before = known?.kind === 'tools' ? known.ids : []
    const wanted = new Set(found)
    const staying = before.filter((id) => wanted.has(id) || isKept(id))
    const after = [...new Set([...staying, ...found])]
    if (after.length !== before.length || staying.length !== before.length) {
      await this.#write(file, after, known === undefined)
    }
    return {
      detached: before.filter((id) => !wanted.has(id) && !isKept(id)),
      preserved: staying.filter((id) => !wanted.has(id)),
      failed: [],
    }
  }

  /** What a session has is what that agent has, from now on. */
  async #follow(session: string, agent: string): Promise<void> {
    const file = this.#fileOf({ kind: 'session', id: session })
    const known = readAttached(file)
    if (known?.kind !== 'agent' || known.id !== agent) await this.#write(file, { agent }, known === undefined)
  }

  async #write(file: string, content: unknown, isNew: boolean): Promise<void> {
    // Not durable: after a power cut no agent session lives that would miss it, and waiting for the disk would cost every search.
    await writePrivateFile(file, JSON.stringify(content), { durable: false })
    if (isNew) await forgetOldest(this.#folder, this.#maxCallers, [LOCK_FILE])
  }

  #fileOf({ kind, id }: AttachingCaller): string {
    return join(this.#folder, `${fingerprintOf({ kind, id })}.json`)
  }

  // Asked again after a failure, as a folder can be repaired while we run.
  #prepare(): void {
    if (this.#ready) return
    ensurePrivateFolder(this.#folder)
    this.#ready = true
  }
}

function fingerprintOf({ kind, id }: AttachingCaller): string {
  return fingerprint(`${kind}:${id}`)
}

function lockByteOf(caller: AttachingCaller): number {
  return Number.parseInt(fingerprintOf(caller).slice(0, 8), 16)
}

/** What stands in a caller's file: tool ids, or the agent that a session follows. */
type Attached = { kind: 'tools'; ids: string[] } | { kind: 'agent'; id: string }

const NOTHING: Attached = { kind: 'tools', ids: [] }

// Undefined where there is no such file. A file that is torn or not ours says nothing, so nothing counts as attached. Small as it is, it
// is read at once: to have another thread do it takes ten times as long, with each list of tools.
function readAttached(file: string): Attached | undefined {
  if (!existsSync(file)) return undefined
  try {
    return toAttached(JSON.parse(readFileSync(file, 'utf8')))
  } catch (thrown) {
    return systemCodeOf(thrown) === 'ENOENT' ? undefined : NOTHING
  }
}

function toAttached(content: unknown): Attached {
  if (Array.isArray(content) && content.every((id) => typeof id === 'string')) return { kind: 'tools', ids: content }
  if (isJsonObject(content) && typeof content.agent === 'string') return { kind: 'agent', id: content.agent }
  return NOTHING
}
