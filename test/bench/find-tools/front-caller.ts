import { FrontProcess } from '../../support/front-process.ts'
import type { ProgramOptions } from '../../support/program.ts'

/** Makes one call at a time through a front, as an MCP client over stdio does. */
export interface FrontCaller extends AsyncDisposable {
  /** Throws when the answer is an error or not the worker's. `input` is JSON text. */
  call(input: string): Promise<void>
}

/** Starts a front with an open session. */
export async function startFrontCaller(options: Omit<ProgramOptions, 'args'>): Promise<FrontCaller> {
  let answer = Promise.withResolvers<string>()
  let nextId = 0
  const front = await FrontProcess.start(options, (line) => answer.resolve(line))
  const tellEnd = async () => {
    const end = await front.program.exited
    // At the end of everything nobody waits for it.
    answer.promise.catch(() => {})
    answer.reject(new Error(`The front ended (${end}).`))
  }
  void tellEnd()
  return {
    async call(input) {
      const id = nextId++
      answer = Promise.withResolvers()
      const params = `{"name":"find_tools","arguments":${input}}`
      front.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`)
      const frame = await answer.promise
      if (frame.startsWith(`{"jsonrpc":"2.0","id":${id},"result"`) && frame.includes('"pilotlight/source":"worker"')) {
        return
      }
      throw new Error(`The front answered ${frame.slice(0, 300)}`)
    },
    [Symbol.asyncDispose]: () => front[Symbol.asyncDispose](),
  }
}
