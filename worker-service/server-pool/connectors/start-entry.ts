import type { StdioServerDefinition } from '../server-definition.ts'
import type { ChildSupervision, SupervisedChild } from './child-supervision.ts'
import type { ResolvedPrograms } from './resolved-programs.ts'
import { startChild } from './start-child.ts'

/** What is done with the first news of a child, one of the two. */
export interface FirstNews {
  /** It has sent a frame. */
  spoke: () => void
  /** It is gone without having sent one. */
  exitedSilently: () => void
}

/** What entries are started with. */
export interface EntryStarter {
  inherited: Readonly<Record<string, string>>
  supervision: ChildSupervision
  programs: ResolvedPrograms | undefined
}

/** A child, and whom to tell whether it is of use. */
export interface StartedEntry {
  child: SupervisedChild
  firstNews: FirstNews
}

const NO_NEWS: FirstNews = { spoke: () => {}, exitedSilently: () => {} }

/**
 * Starts an entry: the program that is known to stand behind its package runner, else the entry as it is written. Rejects with
 * `server_unavailable`.
 */
export async function startEntry(
  definition: StdioServerDefinition,
  { inherited, supervision, programs }: EntryStarter,
): Promise<StartedEntry> {
  const asWritten = () => startChild(definition, { program: definition, inherited, supervision })
  if (programs === undefined) return { child: await asWritten(), firstNews: NO_NEWS }
  const entry = { definition, environment: { ...inherited, ...definition.env } }
  const program = await programs.find(entry)
  const works = { spoke: () => void programs.learn(entry), exitedSilently: () => {} }
  if (program === undefined) return { child: await asWritten(), firstNews: works }
  try {
    const child = await startChild(definition, { program, inherited, supervision })
    const exitedSilently = () => void programs.failed(entry, 'it ended without a word')
    return { child, firstNews: { spoke: () => {}, exitedSilently } }
  } catch (cause) {
    await programs.failed(entry, cause instanceof Error ? cause.message : 'it cannot be started')
    return { child: await asWritten(), firstNews: NO_NEWS }
  }
}
