import type { IncomingMessage } from 'node:http'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { parseJsonBody } from '../control/parse-json-body.ts'
import { HttpRefusal } from './error-response.ts'

/** Bodies of the open routes, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024

/** Reads and parses a JSON body: media type, then size, then text, then depth, then syntax. Throws as {@link readJsonBytes} does, or InvalidInput. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  return parseJsonBody(await readJsonBytes(request, MAX_BODY_BYTES))
}

/** For what takes no body: one that is sent all the same is read, as {@link readJsonBody} does, and passed over. */
export async function readNoBody(request: IncomingMessage): Promise<void> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (length !== '0' || encoding !== undefined) await readJsonBody(request)
}

/**
 * Reads a JSON body as it came: media type, then size. Throws HttpRefusal (415), ServiceError `too_large` or `cancelled`. How long it may
 * take is the server's `requestTimeout`.
 */
export async function readJsonBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  checkMediaType(request)
  return readBytes(request, maxBytes)
}

function checkMediaType({ headers }: IncomingMessage): void {
  const [mediaType = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='))?.split('=')[1]
  const isJson = mediaType.trim() === 'application/json'
  if (!isJson || !['utf-8', 'utf8', undefined].includes(charset?.trim().replaceAll('"', ''))) {
    throw new HttpRefusal(415, new ServiceError('invalid_request', 'Send the body as application/json, in UTF-8.'))
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    throw new HttpRefusal(415, new ServiceError('invalid_request', 'Send the body without a content encoding.'))
  }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) return chunks.push(chunk)
      request.off('data', onData)
      return reject(tooLarge(maxBytes))
    }
    request.on('data', onData)
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', () => reject(clientLeft()))
    request.on('close', () => {
      if (!request.readableEnded) reject(clientLeft())
    })
  })
}

function clientLeft(): ServiceError {
  return new ServiceError('cancelled', 'The client went away before its request was complete.')
}

function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError('too_large', `The body is larger than ${maxBytes} bytes.`)
}
