import type { MeasuredGoal } from '../goal.ts'
import type { Load, Times } from '../pool/measure.ts'
import { percentile, type Rounds, ratioOfMedians } from '../samples.ts'
import type { Beside, ListTimes } from './first-lists.ts'
import type { Start } from './new-sessions.ts'
import type { Path } from './stage.ts'

/** Everything that was measured. A way that does not work is missing, and so is a load of which no goal speaks where it was to be quick. */
export interface FaceResults {
  calls: Partial<Record<Load['id'], Partial<Times<Path>>>>
  sessions: Partial<Times<Start>>
  lists: Record<Beside, ListTimes>
}

/** How a goal is named, and its bounds. */
type Bounds = Pick<MeasuredGoal, 'id' | 'what' | 'must' | 'aim' | 'compared'>

/** The goals of the faces, with what was measured; those of calls through `pilot connect` are the section `pool`'s. What could not be measured has no figure and is missed. */
export function goalsOf({ calls, sessions, lists }: FaceResults): MeasuredGoal[] {
  const call = (id: string, must: number, aim: number) => (load: Load['id'], path: Path, base: Path) => {
    const compared = base === 'http' ? 'call over HTTP' : load
    const bounds = { id, what: `${load}, ${TITLES[path]}`, must, aim, compared } as const
    return toRatio(bounds, calls[load]?.[path], calls[load]?.[base])
  }
  const session = (path: Start) =>
    toRatio({ id: 'G9', what: `new session, ${TITLES[path]}`, must: 0.35, aim: 0.2 }, sessions[path], sessions.direct)
  const front = call('G4', 2.4, 2)
  const http = call('G5', 0.65, 0.5)
  const large = call('G7', 1.25, 1.1)
  const medium = call('G7', 1.6, 1.3)
  return [
    front('call', 'mcp', 'direct'),
    http('call', 'httpOne', 'http'),
    http('call', 'httpAll', 'http'),
    large('5 MB', 'mcp', 'direct'),
    medium('100 KB', 'mcp', 'direct'),
    session('connect'),
    session('mcp'),
    ...(['nothing', 'worker'] as const).flatMap((beside) => [
      toMs({ id: 'G13', what: `first tools/list, ${beside} runs`, must: 20, aim: 5 }, lists[beside].first),
      toMs({ id: 'G13', what: `the next, ${beside} runs`, must: 0.3 }, lists[beside].next),
    ]),
  ]
}

/** The ways as they are printed. */
export const TITLES: Record<Path, string> = {
  direct: 'direct',
  connect: 'pilot connect',
  mcp: 'pilot mcp',
  http: 'direct over HTTP',
  httpOne: '/mcp/{server}',
  httpAll: '/mcp',
}

function toRatio(bounds: Bounds, over: Rounds = [], under: Rounds = []): MeasuredGoal {
  const { ratio, ...spread } = ratioOfMedians(over, under)
  return { ...bounds, unit: 'ratio', bound: 'at most', measured: ratio, ...(over.length > 0 && { spread }) }
}

function toMs(bounds: Bounds, rounds: Rounds): MeasuredGoal {
  const medians = rounds.map((round) => percentile(round, 0.5))
  const spread = { lowest: Math.min(...medians), highest: Math.max(...medians) }
  return { ...bounds, unit: 'ms', bound: 'at most', measured: percentile(rounds.flat(), 0.5), spread }
}
