import { toErrorBody } from '../shared/contracts/error-body.ts'
import {
  FRAME_REQUEST,
  FRONT_VARIABLE,
  REQUEST_VARIABLE,
  SESSION_VARIABLE,
} from '../shared/contracts/find-tools-fields.ts'
import { readEnvironment } from '../shared/environment.ts'
import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { forgetFirstTools } from '../shared/first-tools.ts'
import { endWithoutOutput, OutputLost, readStandardInput, writeStandardOutput } from '../shared/standard-streams.ts'
import { whileParentLives } from '../shared/while-parent-lives.ts'
import { InvalidInput } from './control/invalid-input.ts'
import { parseJsonBody } from './control/parse-json-body.ts'
import { SILENT_OBSERVER } from './observability/silent-observer.ts'
import { PassingServers } from './passing-servers.ts'
import { createService, type Service } from './service.ts'
import { type FindToolsOutcome, toAnswerText } from './tool-selection/find-tools.ts'

// As long as the front gives a one-shot that it stops.
const ORPHAN_GRACE_MS = 500

// What runs in one of these and not in the others takes longer to compile than to run.
const USES = { find: 1, findInSentence: 2, attach: 4, frame: 8 }
const SENTENCE_LENGTH = 100

/** What a one-shot writes and ends with, and what it was used for. */
interface Answer {
  line: string
  exitCode: number
  use: number
}

/** How a one-shot ended: what it was used for, as bits, and whether everything has been written. */
interface Ending {
  use: number
  hasWrittenAll: boolean
}

/** Answers one request on stdin as the worker would, in one line on stdout: find_tools, with the exit code of its error, or a frame. */
export async function main(): Promise<Ending> {
  const { line, exitCode, use } = await answer().catch(toFailure)
  process.exitCode = exitCode
  try {
    return { use, hasWrittenAll: writeStandardOutput(`${line}\n`) }
  } catch (thrown) {
    if (OutputLost.is(thrown)) endWithoutOutput(thrown)
    throw thrown
  }
}

async function answer(): Promise<Answer> {
  const environment = readEnvironment(process.env)
  const isFrame = process.env[REQUEST_VARIABLE] === FRAME_REQUEST
  const request = await readStandardInput()
  // From here on there may be servers to be ended first.
  const { signal, abort } = deadline(environment.findTools.processTimeoutMs)
  process.once('SIGTERM', abort)
  using _ = whileParentLives(Number(process.env[FRONT_VARIABLE] ?? process.ppid), () => endOrphaned(abort))
  await using servers = new PassingServers({ environment, variables: process.env })
  const listing = isFrame ? 'nothing' : 'missing'
  await using service = await createService({ environment, servers, listing, observer: SILENT_OBSERVER })
  service.tools.onChange(() => forgetFirstTools(environment))
  const session = process.env[SESSION_VARIABLE]
  if (!isFrame) return toAnswer(await findTools(request, { service, session }, signal), request.length)
  const { answerFrame } = await import('./one-shot-frame.ts')
  const line = await answerFrame(
    request,
    { service, servers, session, maxLimit: environment.findTools.maxLimit },
    signal,
  )
  return { line, exitCode: 0, use: USES.frame }
}

async function findTools(
  request: Buffer,
  { service, session }: { service: Service; session: string | undefined },
  signal: AbortSignal,
): Promise<FindToolsOutcome> {
  try {
    return await service.findTools(parseJsonBody(request), { agentHeader: undefined, session }, signal)
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { kind: 'invalid', body: { detail: thrown.issues } }
    throw thrown
  }
}

function toAnswer(outcome: FindToolsOutcome, requestLength: number): Answer {
  const find = requestLength > SENTENCE_LENGTH ? USES.findInSentence : USES.find
  const isAttached = outcome.kind === 'answer' && outcome.answer.details.target_agent !== null
  return { line: toAnswerText(outcome), exitCode: exitCodeOf(outcome), use: find | (isAttached ? USES.attach : 0) }
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

function toFailure(thrown: unknown): Answer {
  const error = ServiceError.from(thrown)
  return { line: JSON.stringify(toErrorBody(error)), exitCode: EXIT_BY_CODE[error.code], use: 0 }
}
