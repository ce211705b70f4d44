import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { Program } from '../../support/program.ts'
import { startHttpServer } from '../faces/http-server.ts'
import { openSdkClient } from '../pool/sdk-client.ts'
import { SERVER } from '../pool/stage.ts'

const START_TIMEOUT_MS = 20_000
const RETRY_MS = 100
// Some do not end when they are told to.
const END_GRACE_MS = 500

/** The command of a server. */
export interface PeerServer {
  readonly command: string
  readonly args: readonly string[]
}

/** Runs one peer in a home of its own, and connects an official client to it. Disposing ends both, and what the peer stood in front of. */
export class PeerHost implements AsyncDisposable {
  /** The peer's home. */
  readonly folder: string
  /** What it is to start, where it starts a server. */
  readonly server: PeerServer
  readonly #program: string
  readonly #stack = new AsyncDisposableStack()
  #listening: { readonly peer: Program; readonly connect: () => Transport } | undefined

  private constructor(folder: string, program: string, server: PeerServer) {
    this.folder = folder
    this.server = server
    this.#program = program
  }

  /** `program` is the path of what Node is to run. */
  static async open(folder: string, program: string, server: PeerServer = SERVER): Promise<PeerHost> {
    await mkdir(folder, { recursive: true })
    return new PeerHost(folder, program, server)
  }

  /** Starts the peer with these arguments, and connects as soon as it listens. Throws its last words when it does not in time. */
  async connectOverNetwork({ args, connect }: { args: readonly string[]; connect: () => Transport }): Promise<Client> {
    const stderrPath = join(this.folder, 'stderr.log')
    const peer = this.#stack.use(
      new Program({ args: [this.#program, ...args], variables: this.#variables(), stderrPath }),
    )
    this.#stack.defer(() => void setTimeout(() => peer.kill('SIGKILL'), END_GRACE_MS))
    this.#listening = { peer, connect }
    // Most write their log there.
    peer.stdout.resume()
    const deadline = performance.now() + START_TIMEOUT_MS
    for (;;) {
      const client = new Client({ name: 'bench', version: '1' })
      try {
        await client.connect(connect())
        await client.listTools()
        return this.#stack.adopt(client, (opened) => opened.close())
      } catch (cause) {
        await client.close()
        if (!peer.running || performance.now() > deadline) throw new Error(peer.lastWords || String(cause), { cause })
        await sleep(RETRY_MS)
      }
    }
  }

  /** The process of a peer that listens. */
  get pid(): number {
    return this.#listened().peer.pid
  }

  /** Connects another client to a peer that listens. Rejects where it does not any more. */
  async connectAgain(): Promise<Client> {
    const client = new Client({ name: 'bench', version: '1' })
    try {
      await client.connect(this.#listened().connect())
    } catch (cause) {
      await client.close()
      throw cause
    }
    return this.#stack.adopt(client, (opened) => opened.close())
  }

  /** Has the client start the peer with these arguments. */
  async connectOverStdio(args: readonly string[]): Promise<Client> {
    const command = { command: process.execPath, args: [this.#program, ...args], env: this.#variables() }
    const { client } = await openSdkClient(command)
    return this.#stack.adopt(client, (opened) => opened.close())
  }

  /** The bench's server over HTTP, for peers that stand in front of such. */
  async httpServer(): Promise<URL> {
    return startHttpServer(this.folder, this.#stack)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }

  #listened() {
    if (this.#listening === undefined) throw new Error('The peer does not listen.')
    return this.#listening
  }

  #variables(): Record<string, string> {
    return { PATH: process.env.PATH ?? '', HOME: this.folder, NO_COLOR: '1' }
  }
}
