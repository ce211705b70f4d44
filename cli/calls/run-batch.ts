import { createInterface } from 'node:readline'
import { toErrorBody } from '../../shared/contracts/error-body.ts'
import { EXIT_BY_CODE } from '../../shared/errors/exit-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { locateIn } from '../../shared/frames/locate-members.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'
import type { CommandContext } from '../command.ts'
import type { HostedCall, ToolHost } from './tool-host.ts'

const ARGUMENTS = new Map([['arguments', { path: 'arguments' as const }]])
const TOOL_FAILED = 1
const SHAPE = '{"server":"…","tool":"…","arguments":{…}}'

/**
 * Makes the calls that stand on stdin, one JSON object a line, one after the other, and prints a line for each: the result as the server
 * sent it, or an error. One that fails does not keep the others from being made; the exit code is that of the first.
 */
export async function runBatch(host: ToolHost, context: CommandContext): Promise<void> {
  const { signal } = context
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity, signal })
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    try {
      const result = await host.call(parseLine(line, number))
      if (isErrorResult(result)) context.exitWith(TOOL_FAILED)
      context.print(`${result.replaceAll(/\r?\n/g, ' ')}\n`)
    } catch (thrown) {
      signal.throwIfAborted()
      const error = ServiceError.from(thrown)
      context.exitWith(EXIT_BY_CODE[error.code])
      context.print(`${JSON.stringify(toErrorBody(error))}\n`)
    }
  }
  signal.throwIfAborted()
}

function parseLine(line: string, number: number): HostedCall {
  const call = parseJson(line)
  if (!isJsonObject(call)) throw wrongLine(number, 'is not a JSON object')
  const { server, tool, arguments: args = {} } = call
  if (typeof server !== 'string' || typeof tool !== 'string') throw wrongLine(number, 'names no server and tool')
  if (!isJsonObject(args)) throw wrongLine(number, 'has arguments that are not an object')
  return { server, tool, args: argumentsText(line) }
}

// As they stand there: what JavaScript would make of them has lost the last digits of long numbers.
function argumentsText(line: string): string {
  const bytes = Buffer.from(line)
  const span = locateIn(bytes, ARGUMENTS).spans.get('arguments')
  return span === undefined ? '{}' : bytes.toString('utf8', span.start, span.end)
}

function wrongLine(number: number, problem: string): ServiceError {
  return new ServiceError('invalid_request', `Line ${number} of stdin ${problem}; it takes ${SHAPE}.`)
}

function isErrorResult(raw: string): boolean {
  const result = parseJson(raw)
  return isJsonObject(result) && result.isError === true
}
