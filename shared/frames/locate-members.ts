import type { JsonScanner, Span } from './json-scanner.ts'
import type { Spans } from './spans.ts'

/** The members wanted in an object, by their names: the path each is found under, and what is wanted within it. */
export type WantedMembers<Path extends string> = ReadonlyMap<string, { path: Path; within?: WantedMembers<Path> }>

/** Where members stand, by their path (`params.uri`), and the first path that stands there twice. */
export interface LocatedMembers<Path extends string> {
  readonly spans: Spans<Path>
  twice: Path | undefined
}

/** Reads the object the scanner is at and adds what it finds to `found`, so that a reading that fails leaves what came before. */
export function locateMembers<Path extends string>(
  scanner: JsonScanner,
  wanted: WantedMembers<Path>,
  found: LocatedMembers<Path>,
): Span {
  return scanner.object((name) => {
    const member = wanted.get(name)
    if (member === undefined) {
      scanner.value()
      return
    }
    const { path, within } = member
    if (found.spans.has(path)) found.twice ??= path
    const inside = within !== undefined && scanner.isAtObject()
    found.spans.add(path, inside ? locateMembers(scanner, within, found) : scanner.value())
  })
}
