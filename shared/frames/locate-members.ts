import { JsonScanner } from './json-scanner.ts'
import { Spans } from './spans.ts'

/** The members wanted in an object, by their names: the path each is found under, and what is wanted within it. */
export type WantedMembers<Path extends string> = ReadonlyMap<string, WantedMember<Path>>

interface WantedMember<Path extends string> {
  readonly path: Path
  readonly within?: WantedMembers<Path>
}

/** Where members stand, by their path (`params.uri`), and the first path that stands there twice. */
export interface LocatedMembers<Path extends string> {
  readonly spans: Spans<Path>
  twice: Path | undefined
}

/** Where members stand in bytes that are known to be JSON, an object. */
export function locateIn<Path extends string>(bytes: Buffer, wanted: WantedMembers<Path>): LocatedMembers<Path> {
  const found: LocatedMembers<Path> = { spans: new Spans(), twice: undefined }
  locateMembers(new JsonScanner(bytes), wanted, found)
  return found
}

/**
 * Reads the object the scanner is at and adds what it finds to `found`, so that a reading that fails leaves what came before. Returns where
 * the object begins.
 */
export function locateMembers<Path extends string>(
  scanner: JsonScanner,
  wanted: WantedMembers<Path>,
  found: LocatedMembers<Path>,
): number {
  const objectStart = scanner.enterObject()
  for (let name = scanner.firstName(); name !== undefined; name = scanner.nextName()) {
    const member = wanted.get(name)
    if (member === undefined) scanner.passOver()
    else readMember(scanner, member, found)
  }
  return objectStart
}

function readMember<Path extends string>(
  scanner: JsonScanner,
  { path, within }: WantedMember<Path>,
  found: LocatedMembers<Path>,
): void {
  if (found.spans.has(path)) found.twice ??= path
  const isInside = within !== undefined && scanner.isAtObject()
  const start = isInside ? locateMembers(scanner, within, found) : scanner.passOver()
  found.spans.add(path, start, scanner.at)
}
