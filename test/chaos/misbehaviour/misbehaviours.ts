import { fixtureEntry } from '../../support/fixture-server.ts'

/** What becomes of a call of a server: its result, or an error whose code and message are these. */
export type Expected = 'answered' | { readonly code: number; readonly says: RegExp }

/** One way in which a server is bad, its entry in a configuration, and the one clear outcome that a call of a tool of it has. */
export interface Misbehaviour {
  readonly title: string
  readonly entry: object
  readonly tool: string
  readonly expected: Expected
}

const UNAVAILABLE = -32_010
const TIMEOUT = -32_001
const CLOSED = -32_000
const TOO_LARGE = -32_012
const WITHHELD = -32_013

const IN_TIME = { code: TIMEOUT, says: /did not answer tools\/call in time/ }
const UNUSABLE = /sent an unusable answer to tools\/call/

/** What a server's call comes to, by what `misbehaves.cjs` does. */
const OUTCOMES: Readonly<Record<string, Expected>> = {
  'exits in initialize': { code: UNAVAILABLE, says: /login with .* failed/ },
  'leaves a child with its pipes': { code: UNAVAILABLE, says: /left \d+/ },
  'never answers': { code: UNAVAILABLE, says: /waiting for a licence server/ },
  'greets before it speaks': 'answered',
  'lists pages without end': { code: UNAVAILABLE, says: /its list has/ },
  'closes its input and lives on': IN_TIME,
  'closes its output and lives on': IN_TIME,
  'ignores SIGTERM, and so does its child': 'answered',
  'lists broken and double tools': 'answered',
  'writes bytes that are no UTF-8': 'answered',
  'writes 16 MB of complaints first': 'answered',
  'never answers a call': IN_TIME,
  'reads nothing more': IN_TIME,
  'answers after the timeout': IN_TIME,
  'puts two messages on a line': IN_TIME,
  'answers with neither result nor error': { code: UNAVAILABLE, says: UNUSABLE },
  'exits in a call': { code: CLOSED, says: /./ },
  'exits in the middle of an answer': { code: CLOSED, says: /./ },
  'answers with 4 MB': 'answered',
  'answers with more than may be': { code: TOO_LARGE, says: /./ },
  'answers 10,000 levels deep': { code: UNAVAILABLE, says: UNUSABLE },
  'answers twice': 'answered',
  'answers under wrong ids first': 'answered',
  'changes its tools': { code: WITHHELD, says: /./ },
}

/** Shorter than the defaults where what never comes would be waited for. Milliseconds. */
function settingsFor(title: string, expected: Expected): object {
  if (title === 'never answers') return { startTimeoutMs: 1_500 }
  return expected === IN_TIME ? { callTimeoutMs: 1_500 } : {}
}

/** Tools of `hostile.cjs`, which do this for {@link FLOOD_MS} before they answer. */
const FLOODS = ['log messages', 'list_changed', 'stderr', 'wrong answers'].map((what) => `floods ${what}`)
export const FLOOD_MS = 500

/** Every way in which a server is bad. */
export const MISBEHAVIOURS: readonly Misbehaviour[] = [
  {
    title: 'is not there',
    entry: { command: 'no-such-program-anywhere' },
    tool: 'echo',
    expected: { code: UNAVAILABLE, says: /no-such-program-anywhere/ },
  },
  ...Object.entries(OUTCOMES).map(([title, expected]) => {
    const entry = fixtureEntry('misbehaves', [title], { ...settingsFor(title, expected), onToolChange: 'block' })
    return { title, entry, tool: 'echo', expected }
  }),
  ...[...FLOODS, 'writes garbage', 'writes huge messages'].map((title) => {
    return { title, entry: fixtureEntry('hostile'), tool: title, expected: 'answered' } as const
  }),
]

/** One that is as good as any. */
export const BEHAVING: Misbehaviour = {
  title: 'behaves',
  entry: fixtureEntry('misbehaves', ['behaves']),
  tool: 'echo',
  expected: 'answered',
}
