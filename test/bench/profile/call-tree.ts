/** A CPU profile as V8 makes it, of which this much is read. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }>
  /** The node that was at work at each look, and the time since the look before. */
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Whose code a function is; the engine's is what runs no JavaScript. */
export type Owner = 'ours' | 'node' | 'engine'

/** A function under its caller: what it took itself, and with everything that it called, as parts of all work. */
export interface Call {
  readonly name: string
  readonly owner: Owner
  readonly self: number
  readonly total: number
  /** Most work first. */
  readonly callees: readonly Call[]
}

const IDLE = '(idle)'
const ENGINE = /^\(/

/** Who called whom, and what part of all work each took. Functions of one name and file under the same caller are one; idling is no work. */
export function toCallTree(profile: CpuProfile): Call {
  const [root] = profile.nodes
  if (root === undefined) throw new Error('The profile is empty.')
  const byId = new Map(profile.nodes.map((node) => [node.id, node]))
  const isIdle = (id: number) => byId.get(id)?.callFrame.functionName === IDLE
  const times = timesOf(profile)
  const all = [...times].reduce((sum, [id, time]) => sum + (isIdle(id) ? 0 : time), 0)

  const join = (ids: readonly number[]): Call => {
    const found = ids.flatMap((id) => byId.get(id) ?? [])
    const calleeIds = found.flatMap(({ children = [] }) => children).filter((id) => !isIdle(id))
    const groups = Map.groupBy(calleeIds, (id) => keyOf(byId.get(id)?.callFrame))
    const callees = [...groups.values()].map(join).toSorted((one, other) => other.total - one.total)
    const self = ids.reduce((sum, id) => sum + (times.get(id) ?? 0), 0) / all
    const { functionName = '', url = '' } = found[0]?.callFrame ?? {}
    const total = callees.reduce((sum, call) => sum + call.total, self)
    return { name: functionName || '(anonymous)', owner: ownerOf(functionName, url), self, total, callees }
  }
  return join([root.id])
}

/** What each node took itself. */
function timesOf({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>()
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0))
  return times
}

/** What each function took itself, wherever it was called, most first. */
export function selfTimes(root: Call): Array<{ name: string; owner: Owner; self: number }> {
  const all: Call[] = []
  const collect = (call: Call) => {
    all.push(call)
    call.callees.forEach(collect)
  }
  collect(root)
  return [...Map.groupBy(all, ({ name, owner }) => `${owner} ${name}`).values()]
    .map((calls) => ({
      name: calls[0]?.name ?? '',
      owner: calls[0]?.owner ?? 'engine',
      self: calls.reduce((sum, { self }) => sum + self, 0),
    }))
    .toSorted((one, other) => other.self - one.self)
}

function keyOf(frame: CpuProfile['nodes'][number]['callFrame'] | undefined): string {
  return `${frame?.functionName} ${frame?.url} ${frame?.lineNumber}`
}

function ownerOf(name: string, url: string): Owner {
  if (url.startsWith('node:')) return 'node'
  return url === '' || ENGINE.test(name) ? 'engine' : 'ours'
}
