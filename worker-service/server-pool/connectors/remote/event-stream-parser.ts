import { withoutByteOrderMark } from '../../../../shared/byte-order-mark.ts'
import { ByteCollector } from './byte-collector.ts'

/** One server-sent event. `data` is empty where the event only carries an id. */
export interface StreamEvent {
  type: string
  /** The id to resume after; undefined where no event has had one. */
  id: string | undefined
  data: Buffer
}

/** Takes what an event stream brings. */
export interface EventReceiver {
  event(event: StreamEvent): void
  /** An event over the limit came and is dropped; told as soon as it is too long. */
  oversizedEvent(): void
  /** The server asks to wait so long before the stream is opened again. */
  retry(delayMs: number): void
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const LINE_BREAK = Buffer.from('\n')

/**
 * Reads server-sent events (WHATWG HTML, section 9.2) from bytes, without decoding their data. Linear in bytes whatever the sizes of
 * the chunks, and holds at most `maxEventBytes` of an event.
 */
export class EventStreamParser {
  readonly #receiver: EventReceiver
  readonly #maxEventBytes: number
  readonly #line = new ByteCollector()
  readonly #data = new ByteCollector()
  #dataLines = 0
  #type = ''
  #id: string | undefined
  #hasNews = false
  #isFirstLine = true
  /** The last chunk ended in `\r`, whose `\n` may begin the next one. */
  #endedInReturn = false
  #isTooLong = false

  constructor(receiver: EventReceiver, { maxEventBytes }: { maxEventBytes: number }) {
    this.#receiver = receiver
    this.#maxEventBytes = maxEventBytes
  }

  /** Takes the next bytes. The chunk is not copied where an event lies within it, so it must not be changed afterwards. */
  push(chunk: Buffer): void {
    let start = this.#endedInReturn && chunk[0] === LINE_FEED ? 1 : 0
    this.#endedInReturn = chunk.length === 0 ? this.#endedInReturn : chunk.at(-1) === CARRIAGE_RETURN
    let feed = chunk.indexOf(LINE_FEED, start)
    let carriage = chunk.indexOf(CARRIAGE_RETURN, start)
    while (feed !== -1 || carriage !== -1) {
      const isReturn = carriage !== -1 && (feed === -1 || carriage < feed)
      const end = isReturn ? carriage : feed
      this.#append(chunk.subarray(start, end))
      this.#endLine()
      start = isReturn && chunk[end + 1] === LINE_FEED ? end + 2 : end + 1
      if (feed !== -1 && feed < start) feed = chunk.indexOf(LINE_FEED, start)
      if (carriage !== -1 && carriage < start) carriage = chunk.indexOf(CARRIAGE_RETURN, start)
    }
    if (start < chunk.length) this.#append(chunk.subarray(start))
  }

  #append(bytes: Buffer): void {
    if (this.#isTooLong) {
      // What is left out still tells a line with something in it from an empty one.
      if (this.#line.length === 0) this.#line.push(bytes.subarray(0, 1))
      return
    }
    this.#line.push(bytes)
    if (this.#line.length + this.#data.length <= this.#maxEventBytes + FIELD_NAME_BYTES) return
    this.#isTooLong = true
    this.#data.take()
    this.#line.take()
    this.#line.push(bytes.subarray(0, 1))
    this.#receiver.oversizedEvent()
  }

  #endLine(): void {
    const taken = this.#line.take()
    const line = this.#isFirstLine ? withoutByteOrderMark(taken) : taken
    this.#isFirstLine = false
    if (line.length === 0) this.#endEvent()
    else if (!this.#isTooLong) this.#takeField(line)
  }

  #takeField(line: Buffer): void {
    const colon = line.indexOf(COLON)
    const name = colon === -1 ? line : line.subarray(0, colon)
    const value =
      colon === -1 ? line.subarray(line.length) : line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1)
    switch (name.toString('latin1')) {
      case 'data':
        if (this.#dataLines++ > 0) this.#data.push(LINE_BREAK)
        this.#data.push(value)
        break
      case 'event':
        this.#type = value.toString()
        break
      case 'id':
        this.#takeId(value)
        break
      case 'retry':
        this.#takeRetry(value.toString('latin1'))
        break
    }
  }

  #takeId(value: Buffer): void {
    if (value.includes(0)) return
    this.#id = value.toString()
    this.#hasNews = true
  }

  #takeRetry(value: string): void {
    if (/^\d{1,15}$/.test(value)) this.#receiver.retry(Number(value))
  }

  #endEvent(): void {
    const event = { type: this.#type === '' ? 'message' : this.#type, id: this.#id, data: this.#data.take() }
    const isWorthTelling = !this.#isTooLong && (this.#hasNews || event.data.length > 0)
    this.#dataLines = 0
    this.#type = ''
    this.#hasNews = false
    this.#isTooLong = false
    if (isWorthTelling) this.#receiver.event(event)
  }
}

// "data: " and an "event:" or "id:" line do not count against the limit of a message that just fits.
const FIELD_NAME_BYTES = 16
