import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js'
import { findFreePort } from '../../support/free-port.ts'
import type { PinnedPackage } from '../../support/npm-install.ts'
import type { PeerHost } from './peer-host.ts'

/** Another program that stands between a client and a server, in one of the ways it can be used. */
export interface Peer {
  readonly title: string
  readonly package: PinnedPackage
  /** The package's program, below its folder. */
  readonly program: string
  /** Whether it starts the server itself. */
  readonly startsServer: boolean
  /** Starts it in front of the host's server and connects an official client to it. */
  open(host: PeerHost): Promise<Client>
}

const SUPERGATEWAY = {
  package: { name: 'supergateway', version: '4.0.0' },
  program: 'dist/index.js',
  startsServer: true,
}
const MCP_PROXY = {
  package: { name: 'mcp-proxy', version: '6.7.19' },
  program: 'dist/bin/mcp-proxy.mjs',
  startsServer: true,
}
const TO_HTTP = ['--outputTransport', 'streamableHttp', '--stateful']

/** Every peer that is measured, each in every way in which it offers a server to clients. */
export const PEERS: readonly Peer[] = [
  {
    title: 'supergateway, stdio → WebSocket',
    ...SUPERGATEWAY,
    open: (host) =>
      overPort(host, (port) => ({
        args: [
          '--stdio',
          commandOf(host).join(' '),
          '--outputTransport',
          'ws',
          '--port',
          `${port}`,
          '--logLevel',
          'none',
        ],
        connect: () => new WebSocketClientTransport(new URL(`ws://127.0.0.1:${port}/message`)),
      })),
  },
  {
    title: 'supergateway, stdio → SSE',
    ...SUPERGATEWAY,
    open: (host) =>
      overPort(host, (port) => ({
        args: ['--stdio', commandOf(host).join(' '), '--port', `${port}`, '--logLevel', 'none'],
        connect: () => new SSEClientTransport(new URL(`http://127.0.0.1:${port}/sse`)),
      })),
  },
  {
    title: 'supergateway, stdio → HTTP',
    ...SUPERGATEWAY,
    open: (host) =>
      overPort(host, (port) => ({
        args: ['--stdio', commandOf(host).join(' '), ...TO_HTTP, '--port', `${port}`, '--logLevel', 'none'],
        connect: () => new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)),
      })),
  },
  {
    title: 'mcp-proxy, stdio → SSE',
    ...MCP_PROXY,
    open: (host) =>
      overPort(host, (port) => ({
        args: ['--port', `${port}`, '--host', '127.0.0.1', '--server', 'sse', '--', ...commandOf(host)],
        connect: () => new SSEClientTransport(new URL(`http://127.0.0.1:${port}/sse`)),
      })),
  },
  {
    title: 'mcp-proxy, stdio → HTTP',
    ...MCP_PROXY,
    open: (host) =>
      overPort(host, (port) => ({
        args: ['--port', `${port}`, '--host', '127.0.0.1', '--server', 'stream', '--', ...commandOf(host)],
        connect: () => new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)),
      })),
  },
  {
    title: 'mcp-hub, /mcp',
    package: { name: 'mcp-hub', version: '4.2.1' },
    program: 'dist/cli.js',
    startsServer: true,
    async open(host) {
      const configPath = join(host.folder, 'mcp-hub.json')
      await writeFile(configPath, JSON.stringify({ mcpServers: { bench: host.server } }))
      return overPort(host, (port) => ({
        args: ['--port', `${port}`, '--config', configPath],
        connect: () => new SSEClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)),
      }))
    },
  },
  {
    title: 'mcp-remote, HTTP → stdio',
    package: { name: 'mcp-remote', version: '0.15.1' },
    program: 'dist/proxy.js',
    startsServer: false,
    open: async (host) => host.connectOverStdio([(await host.httpServer()).href, '--allow-http']),
  },
]

function commandOf({ server }: PeerHost): string[] {
  return [server.command, ...server.args]
}

type OnPort = (port: number) => Parameters<PeerHost['connectOverNetwork']>[0]

async function overPort(host: PeerHost, way: OnPort): Promise<Client> {
  return host.connectOverNetwork(way(await findFreePort()))
}
