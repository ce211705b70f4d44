import type { Span } from './json-scanner.ts'

/** A member that was found, and the one found after it. */
interface Found<Path> extends Span {
  readonly path: Path
  next: Found<Path> | undefined
}

/** Where members stand in some bytes, by their path. The few that a frame has are found in a chain in less time than a map takes to make. */
export class Spans<Path extends string> {
  #first: Found<Path> | undefined
  #last: Found<Path> | undefined

  get(path: Path): Span | undefined {
    let found = this.#first
    while (found !== undefined && found.path !== path) found = found.next
    return found
  }

  /** All paths, in the order in which they stand there. */
  get paths(): readonly Path[] {
    const paths: Path[] = []
    for (let found = this.#first; found !== undefined; found = found.next) paths.push(found.path)
    return paths
  }

  has(path: Path): boolean {
    return this.get(path) !== undefined
  }

  /** Adds a path. One that is there already keeps its first place. */
  add(path: Path, start: number, end: number): void {
    const found: Found<Path> = { start, end, path, next: undefined }
    if (this.#last === undefined) this.#first = found
    else this.#last.next = found
    this.#last = found
  }
}
