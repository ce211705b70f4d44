import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import { HOSTILE, healthy, SLOW } from '../../../test/fixtures/selector/behaviours.ts'
import { type FakeSelector, startFakeSelector } from '../../../test/fixtures/selector/fake-selector.ts'
import { RecordingObserver } from '../../../test/fixtures/selector/recording-observer.ts'
import type { ToolSelector } from '../tool-selector.ts'
import { createApiSelector } from './api-selector.ts'

const REQUEST: FindToolsRequest = {
  query: 'open a pull request',
  agent_id: null,
  keep_tools: [],
  limit: 10,
  min_score: 50,
  request_heartbeat: false,
  detailed_response: false,
  compact: false,
}
const NEVER = new AbortController().signal
const MEGABYTE = 1024 * 1024

// What follows "Tool selector at http://… ".
const ANSWERS: Record<keyof typeof HOSTILE, string> = {
  'html with 200': 'answered 200 with text/html instead of JSON; is TOOL_SELECTOR_URL right?',
  'an empty body': 'answered 200 with an empty body.',
  'truncated JSON': 'answered 200 with JSON that is cut off or malformed.',
  'a body cut off by a closed connection': 'closed the connection in the middle of its answer.',
  'a body announced as too long': 'answered with more than 1048576 bytes.',
  'a body without end': 'answered with more than 1048576 bytes.',
  'a gzip bomb': 'answered with a compressed body, which was not asked for.',
  'JSON nested a million deep': 'answered with more than 1048576 bytes.',
  'JSON nested as deep as fits': 'answered 200 with JSON nested deeper than 64 levels.',
  'invalid UTF-8': 'answered 200 with text that is not UTF-8.',
  'duplicate tools': 'answered with the same tool more than once.',
  'a tool without a name':
    'answered with unusable details: successful_attachments[0].name: Invalid input: expected string, received undefined.',
  'a million tools': 'answered with more than 1048576 bytes.',
  'as many tools as fit': 'answered with 20000 successful_attachments; 10000 is the most that is read.',
  'a score that is NaN': 'answered 200 with JSON that is cut off or malformed.',
  'a score that is text':
    'answered with unusable details: successful_attachments[0].match_score: Invalid input: expected number, received string.',
  'a score over 100':
    'answered with unusable details: successful_attachments[0].match_score: Too big: expected number to be <=100.',
  'a list where an object belongs': 'answered 200 and did not say why.',
  null: 'answered 200 and did not say why.',
  'details that are a list': 'answered with details that are no object.',
  'a failure with 200': 'answered 200: "The index is being rebuilt".',
  'a refused request': 'answered 400: "query is too long".',
  'an internal error': 'answered 500: "Weaviate is away".',
  'too many requests, come back in a century': 'answered 429: "Slow down".',
  'a redirect to another origin': 'answered 307, a redirect that is not followed; is TOOL_SELECTOR_URL right?',
  'a redirect that changes the method': 'answered 302, a redirect that is not followed; is TOOL_SELECTOR_URL right?',
  'a redirect in circles': 'answered 308, a redirect that is not followed; is TOOL_SELECTOR_URL right?',
  'something other than HTTP': 'answered with something other than HTTP; is TOOL_SELECTOR_URL right?',
  'headers that are too large': 'answered with headers that are too large.',
  'a connection closed without an answer': 'closed the connection without an answer.',
  'a reset connection': 'closed the connection without an answer.',
}

let fake: FakeSelector
let selector: ToolSelector

beforeAll(async () => {
  fake = await startFakeSelector()
})
afterEach(() => selector[Symbol.asyncDispose]())
afterAll(() => fake[Symbol.asyncDispose]())

function create(timeoutMs: number): ToolSelector {
  selector = createApiSelector({
    baseUrl: fake.url,
    timeoutMs,
    maxResponseBytes: MEGABYTE,
    observer: new RecordingObserver(),
    random: () => 0,
  })
  return selector
}

describe.each(Object.entries(HOSTILE))('a selector that answers with %s', (name, behaviour) => {
  it('fails the call with one clear message, and is used again once it is well', async () => {
    fake.behave(behaviour)
    const attached = create(60_000).attach(REQUEST, { kind: 'nobody' }, NEVER)
    await expect(attached).rejects.toMatchObject({
      code: 'selector_failed',
      message: `Tool selector at ${fake.url} ${ANSWERS[name as keyof typeof HOSTILE]}`,
    })
    fake.behave(healthy)
    await expect(selector.attach(REQUEST, { kind: 'nobody' }, NEVER)).resolves.toMatchObject({ status: 'success' })
    await selector[Symbol.asyncDispose]()
    await expect.poll(() => fake.connections.open).toBe(0)
  })

  it('fails a check as well', async () => {
    fake.behave(behaviour)
    await expect(create(60_000).check(NEVER)).rejects.toMatchObject({ code: 'selector_failed' })
  })
})

// To a search an empty list is an answer.
const HOSTILE_TO_SEARCH = Object.entries(HOSTILE).filter(([name]) => name !== 'a list where an object belongs')

describe.each(HOSTILE_TO_SEARCH)('a selector that answers a search with %s', (_, behaviour) => {
  it('fails it', async () => {
    fake.behave(behaviour)
    await expect(create(60_000).search('read', 10, NEVER)).rejects.toMatchObject({ code: 'selector_failed' })
  })
})

describe.each(Object.entries(SLOW))('a selector that answers with %s', (_, behaviour) => {
  it('fails attach, search and check at their deadline', async () => {
    fake.behave(behaviour)
    create(50)
    const calls = [
      selector.attach(REQUEST, { kind: 'nobody' }, NEVER),
      selector.search('read', 10, NEVER),
      selector.check(NEVER),
    ]
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({
        reason: { code: 'selector_timeout', message: 'Tool selector did not answer within 50 ms.' },
      })
    }
  })
})
