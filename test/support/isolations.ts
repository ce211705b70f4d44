import { ChildSupervision } from '../../worker-service/server-pool/connectors/child-supervision.ts'
import type { IsolationMode } from '../../worker-service/server-pool/connectors/isolation.ts'
import { SpawnedGroups } from './spawned-groups.ts'

const ALL: readonly IsolationMode[] = ['pid-namespace', 'guardian', 'process-group']

/** Supervision in one mode, and the processes of the servers that were started under it. */
export interface SupervisedGroups extends AsyncDisposable {
  supervision: ChildSupervision
  groups: SpawnedGroups
}

/** Supervises children in this mode alone, where the machine allows it. */
export async function superviseIn(mode: IsolationMode): Promise<SupervisedGroups> {
  const groups = new SpawnedGroups()
  const { startProcess } = groups
  const options = { variables: process.env, startProcess, allowed: [mode], userNamespaces: true }
  const supervision = await ChildSupervision.start(options)
  return { supervision, groups, [Symbol.asyncDispose]: () => supervision[Symbol.asyncDispose]() }
}

/** The modes that this machine allows. */
export async function availableIsolations(): Promise<IsolationMode[]> {
  const available: IsolationMode[] = []
  for (const mode of ALL) {
    await using supervised = await superviseIn(mode)
    if ((await supervised.supervision.mode()) === mode) available.push(mode)
  }
  return available
}
