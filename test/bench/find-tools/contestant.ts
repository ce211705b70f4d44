/** The paths of one find_tools call that are compared. */
export type Path =
  | 'direct'
  | 'proxy'
  | 'worker'
  | 'worker-fresh'
  | 'front'
  | 'one-shot'
  | 'one-shot-embedded'
  | 'one-shot-source'
  | 'python'
  | 'empty-node'

/** A path that can be called. `call` resolves when the answer is there and throws when it is none. */
export interface Contestant {
  path: Path
  title: string
  /** Whether each call is a process, and so takes milliseconds. */
  process: boolean
  call: () => Promise<unknown>
}
