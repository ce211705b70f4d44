import type { Message } from '../../support/fake-servers.ts'
import type { Direction, Fault, FaultProxy } from '../../support/fault-proxy.ts'

/** A place where two programs talk, with a proxy between them that can be told to disturb it. */
export interface Seam extends AsyncDisposable {
  readonly title: string
  readonly proxy: FaultProxy
  /** Has something done, once, that is known by a token. Resolves with what the client is told: an answer has `token` in its result. */
  call(token: string): Promise<Message>
  /** The tokens of what was done so far, one for each time. */
  executed(): Promise<string[]>
  /** How many answers came that answer nothing, or answer again. */
  strays(): number
}

/** How a seam is opened. The seed decides what the proxy makes up. */
export interface SeamKind {
  readonly title: string
  open(seed: number): Promise<Seam>
  /** Whether this can happen here and a call still be promised to be carried out once at most. */
  allows(fault: Fault, direction: Direction): boolean
}
