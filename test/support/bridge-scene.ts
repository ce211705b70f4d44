import { vi } from 'vitest'
import { Bridge, type BridgeOptions } from '../../mcp-server/bridge.ts'
import type { Channel, ChannelEvents } from '../../mcp-server/channel.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import {
  type AnswerFrame,
  type NotificationFrame,
  type RequestFrame,
  scanFrame,
} from '../../shared/frames/frame-scan.ts'
import type { Message } from './fake-servers.ts'

/** The worker's end of a channel. */
export class FakeChannel implements Channel {
  readonly events: ChannelEvents
  readonly sent: Message[] = []
  isReading = true
  isClosed = false
  /** Whether it takes more. */
  hasRoom = true

  constructor(events: ChannelEvents) {
    this.events = events
  }

  send(frame: Buffer): boolean {
    this.sent.push(JSON.parse(frame.toString()) as Message)
    return this.hasRoom
  }

  pause(): void {
    this.isReading = false
  }

  resume(): void {
    this.isReading = true
  }

  close(): void {
    this.isClosed = true
  }

  says(message: Message): void {
    this.events.frame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })))
  }

  /** Answers the last request of this method. */
  answers(method: string, outcome: Pick<Message, 'result' | 'error'> = { result: {} }): void {
    const id = this.sent.findLast((message) => message.method === method)?.id
    if (id === undefined) throw new Error(`It was not asked ${method}.`)
    this.says({ id, ...outcome })
  }

  methods(): Array<string | undefined> {
    return this.sent.map(({ method }) => method)
  }
}

/** What the client says of itself: its params of initialize. */
export const HELLO = '{"protocolVersion":"2025-11-25","capabilities":{"roots":{}}}'
const scan = (message: Message) => scanFrame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })))

/** A bridge whose worker is in the test's hands: there while `isThere`, alive while `isAlive`. Its time is virtual. */
export class BridgeScene implements Disposable {
  readonly toClient: Message[] = []
  readonly logged: string[] = []
  readonly channels: FakeChannel[] = []
  readonly otherwise: string[] = []
  isThere = true
  isAlive = true
  readOns = 0
  readonly bridge: Bridge

  constructor(options: Partial<BridgeOptions> = {}) {
    this.bridge = new Bridge({
      server: 'pilotlight',
      open: async (events) => {
        if (!this.isThere) throw new ServiceError('server_unavailable', 'Nobody listens.')
        const channel = new FakeChannel(events)
        this.channels.push(channel)
        return channel
      },
      isAlive: async () => this.isAlive,
      send: (frame) => this.toClient.push(JSON.parse(frame.toString()) as Message),
      readOn: () => this.readOns++,
      patienceMs: 30_000,
      remedy: 'Start it.',
      random: () => 1,
      log: { line: (text) => this.logged.push(text), sparse: (_, text) => this.logged.push(text) },
      ...options,
    })
  }

  /** A bridge over a worker that was introduced to the client. */
  static async up(options?: Partial<BridgeOptions>): Promise<BridgeScene> {
    const scene = new BridgeScene(options)
    scene.bridge.introduce(HELLO)
    await scene.opens()
    scene.channel.answers('initialize')
    scene.channel.sent.length = 0
    return scene
  }

  get channel(): FakeChannel {
    const channel = this.channels.at(-1)
    if (channel === undefined) throw new Error('There is no channel.')
    return channel
  }

  async opens(): Promise<FakeChannel> {
    this.bridge.start()
    await vi.advanceTimersByTimeAsync(1_000)
    return this.channel
  }

  /** The worker goes away and comes back at once; resolves when there is a channel to the next. */
  async restarts(): Promise<FakeChannel> {
    this.channel.events.lost('It was killed.')
    await vi.advanceTimersByTimeAsync(1_000)
    return this.channel
  }

  request(id: number | string, method: string, params: Record<string, unknown> = {}): boolean {
    return this.bridge.request(scan({ id, method, params }) as RequestFrame)
  }

  /** A request that somebody else can answer. */
  list(id: number | string): boolean {
    const frame = scan({ id, method: 'tools/list' }) as RequestFrame
    return this.bridge.request(frame, () => this.otherwise.push(String(id)))
  }

  /** The client answers what it was asked. */
  answer(id: number, result: Record<string, unknown>): void {
    this.bridge.answer(scan({ id, result }) as AnswerFrame)
  }

  notify(method: string, params: Record<string, unknown> = {}): boolean {
    return this.bridge.notify(scan({ method, params }) as NotificationFrame)
  }

  [Symbol.dispose](): void {
    this.bridge[Symbol.dispose]()
  }
}
