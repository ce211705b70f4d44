import { toErrorBody } from '../shared/contracts/error-body.ts'
import { FRONT_VARIABLE, SESSION_VARIABLE } from '../shared/contracts/find-tools-fields.ts'
import { readEnvironment } from '../shared/environment.ts'
import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { whileParentLives } from '../shared/while-parent-lives.ts'
import { InvalidInput } from './http/invalid-input.ts'
import { parseJsonBody } from './http/parse-json-body.ts'
import { SILENT_OBSERVER } from './observability/silent-observer.ts'
import { PassingServers } from './passing-servers.ts'
import { createService } from './service.ts'
import { readStandardInput, writeStandardOutput } from './standard-streams.ts'
import { type FindToolsOutcome, toAnswerText } from './tool-selection/find-tools.ts'

// As long as the front gives a one-shot that it stops.
const ORPHAN_GRACE_MS = 500

/** Answers one find_tools request: JSON on stdin, the worker's answer as one line on stdout, the exit code of its error. */
export async function main(): Promise<void> {
  try {
    const outcome = await answer()
    finish(toAnswerText(outcome), exitCodeOf(outcome))
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    finish(JSON.stringify(toErrorBody(error)), EXIT_BY_CODE[error.code])
  }
}

async function answer(): Promise<FindToolsOutcome> {
  const environment = readEnvironment(process.env)
  const request = await readStandardInput()
  // From here on there may be servers to be ended first.
  const { signal, abort } = deadline(environment.findTools.processTimeoutMs)
  process.once('SIGTERM', abort)
  using _ = whileParentLives(Number(process.env[FRONT_VARIABLE] ?? process.ppid), () => endOrphaned(abort))
  await using servers = new PassingServers({ environment, variables: process.env })
  await using service = await createService({ environment, servers, listing: 'missing', observer: SILENT_OBSERVER })
  try {
    const from = { agentHeader: undefined, session: process.env[SESSION_VARIABLE] }
    return await service.findTools(parseJsonBody(request), from, signal)
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { kind: 'invalid', body: { detail: [thrown.issue] } }
    throw thrown
  }
}

function deadline(timeoutMs: number) {
  const controller = new AbortController()
  const late = new ServiceError('timeout', `find_tools took longer than ${timeoutMs} ms.`)
  setTimeout(() => controller.abort(late), timeoutMs).unref()
  const abort = () => controller.abort(new ServiceError('cancelled', 'The one-shot was stopped.'))
  return { signal: controller.signal, abort }
}

// A front that was killed cannot say that nobody waits any more. What does not end in the time it would have given us ends with us.
function endOrphaned(abort: () => void): void {
  abort()
  setTimeout(() => process.exit(EXIT_BY_CODE.cancelled), ORPHAN_GRACE_MS).unref()
}

function exitCodeOf(outcome: FindToolsOutcome): number {
  switch (outcome.kind) {
    case 'answer':
      return 0
    case 'invalid':
      return EXIT_BY_CODE.invalid_request
    case 'failed':
      return EXIT_BY_CODE[outcome.error.code]
  }
}

function finish(line: string, exitCode: number): void {
  writeStandardOutput(`${line}\n`)
  process.exitCode = exitCode
}
