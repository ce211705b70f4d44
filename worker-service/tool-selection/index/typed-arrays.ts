type NumberArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array

/** The element at a place that is known to be inside: what `noUncheckedIndexedAccess` cannot know. */
export function at(array: NumberArray, index: number): number {
  return array[index] as number
}
