import type { Readable, Writable } from 'node:stream'
import { type FrameStream, FrameWriter } from '../shared/frame-writer.ts'
import { type AnswerFrame, type NotificationFrame, type RequestFrame, scanFrame } from '../shared/frames/frame-scan.ts'
import { tooLargeFrame, unusableFrame } from '../shared/frames/replies.ts'
import { LineSplitter, type SplitLine } from '../shared/line-splitter.ts'
import { whileParentLives } from '../shared/while-parent-lives.ts'

/** What speaks with the client. What takes a frame of the client's returns false when it should be given no more before `readOn` is called. */
export interface ClientPartner {
  request(frame: RequestFrame): boolean
  notify(frame: NotificationFrame): boolean
  answer(frame: AnswerFrame): boolean
  /** The client says nothing any more. */
  inputEnded(): void
  /** The client does not keep up: it should be sent nothing that can wait. */
  hold(): void
  release(): void
  /** Resolves when every request received so far is answered. */
  settled(): Promise<void>
}

/** The standard streams of a program that an MCP client has started. */
export interface StandardStreams {
  readonly input: Readable
  readonly output: Writable
  /** How frames are written to the output, where that is not its own `write`. */
  readonly frames?: FrameStream
}

// Behind what is being written; a client that does not read is not read from either.
const MAX_UNREAD_BYTES = 4 * 1024 * 1024

/** A client on the other side of stdin and stdout, which is sent frames and read from line by line. What is no message is answered here. */
export class ClientPipes {
  readonly #input: Readable
  readonly #output: Writable
  readonly #writer: FrameWriter
  readonly #splitter: LineSplitter
  readonly #reasonsToWait = new Set<'client' | 'partner'>()
  #partner: ClientPartner | undefined

  constructor({ input, output, frames = output }: StandardStreams, { maxLineBytes }: { maxLineBytes: number }) {
    this.#input = input
    this.#output = output
    this.#writer = new FrameWriter(frames)
    this.#splitter = new LineSplitter({ maxLineBytes })
  }

  /** Sends one frame, without its newline. */
  readonly send = (frame: Buffer): void => {
    this.#writer.write(frame)
    if (this.#writer.waitingBytes <= MAX_UNREAD_BYTES || this.#reasonsToWait.has('client')) return
    this.#wait('client')
    this.#partner?.hold()
    this.#writer.flush()
    this.#output.once('drain', () => {
      this.#readOn('client')
      this.#partner?.release()
    })
  }

  /** The partner takes lines again. */
  readonly readOn = (): void => this.#readOn('partner')

  /** Feeds the partner. Resolves when the client has ended its input and has its answers, when it is gone, or when the signal aborts. */
  async serve(partner: ClientPartner, stopped: AbortSignal): Promise<void> {
    this.#partner = partner
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    // Only answers in preparation may be left at the end, whose timers hold nothing open.
    const holdOpen = setInterval(() => {}, 60_000)
    using orphaned = new DisposableStack()
    const parent = process.ppid
    const inputEnded = () => {
      this.#takeAll(this.#splitter.end(), partner)
      partner.inputEnded()
      void partner.settled().then(end)
      // A client that was killed leaves its last calls behind: nobody reads the answers, and a pipe does not tell.
      orphaned.use(whileParentLives(parent, end))
    }
    stopped.addEventListener('abort', () => end(), { once: true })
    this.#output.on('error', () => end())
    this.#input.on('error', inputEnded)
    this.#input.on('end', inputEnded)
    this.#input.on('data', (chunk: Buffer) => this.#takeAll(this.#splitter.push(chunk), partner))
    await over
    this.#input.destroy()
    clearInterval(holdOpen)
  }

  #takeAll(lines: readonly SplitLine[], partner: ClientPartner): void {
    for (const line of lines) if (!this.#take(line, partner)) this.#wait('partner')
  }

  #take(line: SplitLine, partner: ClientPartner): boolean {
    if (line.kind === 'too-long') return this.#refuse(tooLargeFrame())
    const frame = scanFrame(line.bytes)
    switch (frame.kind) {
      case 'request':
        return partner.request(frame)
      case 'notification':
        return partner.notify(frame)
      case 'answer':
        return partner.answer(frame)
      case 'unusable':
        return this.#refuse(unusableFrame(frame))
    }
  }

  #refuse(error: Buffer): true {
    this.send(error)
    return true
  }

  #wait(reason: 'client' | 'partner'): void {
    this.#reasonsToWait.add(reason)
    this.#input.pause()
  }

  #readOn(reason: 'client' | 'partner'): void {
    this.#reasonsToWait.delete(reason)
    if (this.#reasonsToWait.size === 0) this.#input.resume()
  }
}
