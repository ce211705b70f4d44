import { PoolStage } from '../../chaos/pool/pool-stage.ts'
import { startFakeSelector } from '../../fixtures/selector/fake-selector.ts'
import { INSPECTABLE } from '../../support/inspector.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { HttpConnection, postRequest } from '../find-tools/http-connection.ts'
import { INPUT } from '../find-tools/input.ts'
import { SERVER } from '../pool/stage.ts'
import type { CpuProfile } from './call-tree.ts'
import { recordProfile } from './record-profile.ts'

/** A way that calls take through the worker, of which a profile can be made. */
export interface Walk {
  /** Of the files with its results. */
  readonly id: string
  readonly title: string
  /** Profiles so many calls, after others that let the worker get warm. */
  profile(calls: number): Promise<CpuProfile>
}

const WARM_UP_CALLS = 15_000
const CONNECTIONS = 10
const CALLS_AT_ONCE = 100

/** The two walks that are to be short: find_tools through a tool-selector API, and a call of a warm server. */
export const WALKS: readonly Walk[] = [
  { id: 'find-tools', title: 'find_tools through the worker, ten connections', profile: profileFindTools },
  {
    id: 'pooled-call',
    title: 'A tool call of a warm server over its socket, a hundred at once',
    profile: profilePooledCall,
  },
]

async function profileFindTools(calls: number): Promise<CpuProfile> {
  await using stack = new AsyncDisposableStack()
  const selector = stack.use(await startFakeSelector({ recording: false }))
  const worker = stack.use(await OwnWorker.start({}, { TOOL_SELECTOR_URL: selector.url, ...INSPECTABLE }))
  const port = Number(new URL(worker.url).port)
  const request = postRequest(port, '/find_tools', INPUT)
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)))
  for (const connection of connections) stack.use(connection)
  const makeAll = (count: number) =>
    inLanes(
      count,
      connections.map((connection) => () => connection.send(request)),
    )
  return await profile(worker, makeAll, calls)
}

async function profilePooledCall(calls: number): Promise<CpuProfile> {
  await using stage = await PoolStage.start({ bench: SERVER }, INSPECTABLE)
  const client = await stage.open('bench')
  const lanes = Array.from({ length: CALLS_AT_ONCE }, () => () => client.call('text', { length: 20 }))
  return await profile(stage.worker, (count) => inLanes(count, lanes), calls)
}

async function profile(
  worker: OwnWorker,
  makeAll: (calls: number) => Promise<void>,
  calls: number,
): Promise<CpuProfile> {
  await makeAll(WARM_UP_CALLS)
  return recordProfile(worker.logPath, () => makeAll(calls))
}

/** Makes so many calls, as many at once as there are lanes, each lane one after another. */
async function inLanes(calls: number, lanes: ReadonlyArray<() => Promise<unknown>>): Promise<void> {
  let left = calls
  const makeOn = async (call: () => Promise<unknown>) => {
    while (left-- > 0) await call()
  }
  await Promise.all(lanes.map(makeOn))
}
