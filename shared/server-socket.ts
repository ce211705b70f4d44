import { join } from 'node:path'
import { fingerprint } from './fingerprint.ts'

// The shortest limit of any platform that counts; Linux has 107, and longer paths were silently truncated by some versions of Node.
const MAX_PATH_BYTES = 103
const SUFFIX = '.sock'
// `~`, which no server's name has, and a fingerprint.
const LONGEST_NEEDED_BYTES = 1 + 16 + SUFFIX.length
const ALL_SERVERS = `mcp${SUFFIX}`
const CONTROL = `control${SUFFIX}`
const GRPC = `grpc${SUFFIX}`

/** Where a worker's servers have their sockets: below its runtime folder, or where that path is too long in a short one made from it. */
export function serverSocketFolder(runtimeFolder: string): string {
  return shortEnough(join(runtimeFolder, 'servers'), LONGEST_NEEDED_BYTES)
}

/** The path of a server's socket: its name, or a fingerprint of it where the path would be too long. At most 103 bytes. */
export function serverSocketPath(runtimeFolder: string, server: string): string {
  const folder = serverSocketFolder(runtimeFolder)
  const path = join(folder, `${server}${SUFFIX}`)
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path
  return join(folder, `~${fingerprint(server)}${SUFFIX}`)
}

/** The path of the socket for all servers at once, in the runtime folder or, where that is too long, in a short one. At most 103 bytes. */
export function allServersSocketPath(runtimeFolder: string): string {
  return join(shortEnough(runtimeFolder, ALL_SERVERS.length), ALL_SERVERS)
}

/** The path of the socket on which a worker takes its HTTP requests without a token; where it lies as that of all servers does. */
export function controlSocketPath(runtimeFolder: string): string {
  return join(shortEnough(runtimeFolder, CONTROL.length), CONTROL)
}

/** The path of the socket on which a worker speaks gRPC without a token; where it lies as that of all servers does. */
export function grpcSocketPath(runtimeFolder: string): string {
  return join(shortEnough(runtimeFolder, GRPC.length), GRPC)
}

function shortEnough(folder: string, longestNameBytes: number): string {
  if (Buffer.byteLength(folder) + 1 + longestNameBytes <= MAX_PATH_BYTES) return folder
  return `/tmp/pilotlight-${process.getuid?.() ?? 0}-${fingerprint(folder)}`
}
