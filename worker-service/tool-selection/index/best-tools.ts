/** The best of many tools by a number, in a heap whose top is the worst of them: what is no better costs one comparison. */
export class BestTools {
  readonly #tools: Uint32Array
  readonly #values: Float64Array
  #count = 0

  /** `capacity` is how many tools are kept. */
  constructor(capacity: number) {
    this.#tools = new Uint32Array(capacity)
    this.#values = new Float64Array(capacity)
  }

  /** Takes a tool into account; each may come once. */
  offer(tool: number, value: number): void {
    if (this.#count < this.#tools.length) this.#rise(this.#count++, tool, value)
    else if (!this.#isBetter(0, tool, value)) this.#sink(tool, value)
  }

  /** The best tools, in no order that means something. */
  kept(): Uint32Array {
    return this.#tools.subarray(0, this.#count)
  }

  #rise(from: number, tool: number, value: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#isBetter(parent, tool, value)) break
      this.#move(parent, place)
      place = parent
    }
    this.#put(place, tool, value)
  }

  // From the top, whose tool is dropped.
  #sink(tool: number, value: number): void {
    let place = 0
    for (let child = 1; child < this.#count; child = 2 * place + 1) {
      const other = child + 1
      if (other < this.#count && this.#isBetter(child, this.#tools[other] as number, this.#values[other] as number))
        child = other
      if (this.#isBetter(child, tool, value)) break
      this.#move(child, place)
      place = child
    }
    this.#put(place, tool, value)
  }

  // Whether what stands at a place is better than another tool; among equals the earlier one is.
  #isBetter(place: number, tool: number, value: number): boolean {
    const own = this.#values[place] as number
    return own > value || (own === value && (this.#tools[place] as number) < tool)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#tools[from] as number, this.#values[from] as number)
  }

  #put(place: number, tool: number, value: number): void {
    this.#tools[place] = tool
    this.#values[place] = value
  }
}
