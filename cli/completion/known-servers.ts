import { ServiceError } from '../../shared/errors/service-error.ts'
import { choicesOf, propertiesOf, resolveSchema, type Schema, typesOf } from '../../shared/tool-schema.ts'
import type { HostedTool } from '../calls/tool-host.ts'
import type { CommandContext, Offer } from '../command.ts'
import { serversOf, toolsOf } from '../worker/server-routes.ts'
import { WorkerAccess } from '../worker/worker-access.ts'

// Nothing is started for somebody who is still typing: what the worker knows, or where none runs, what lies on disk.

/** The names of all servers. */
export async function serverNames(context: CommandContext): Promise<Offer[]> {
  const fromWorker = async (worker: WorkerAccess) => (await serversOf(worker)).map(({ name }) => name)
  const names = await askWorkerOr(context, fromWorker, async () => [...(await remembered(context)).keys()])
  return names.map((word) => ({ word }))
}

/** The same, or tools as `server/tool` where that is begun. */
export async function serverNamesOrTools(context: CommandContext, last: string): Promise<Offer[]> {
  const slash = last.indexOf('/')
  if (slash < 0) return serverNames(context)
  const server = last.slice(0, slash)
  return (await toolOffers(context, server)).map((offer) => ({ ...offer, word: `${server}/${offer.word}` }))
}

/** The names of the tools of the server that the first word names. */
export async function toolNames(context: CommandContext, [server = '']: readonly string[]): Promise<Offer[]> {
  return toolOffers(context, server)
}

async function toolOffers(context: CommandContext, server: string): Promise<Offer[]> {
  return (await knownTools(context, server)).map(({ name, description }) => ({ word: name, about: description }))
}

/**
 * What may follow `words` of a call: the values that the argument typed last may have, where its schema names them, else the arguments
 * of the tool that are not typed yet, with their dashes. Behind `--then` another call begins.
 */
export async function argumentsOrValues(context: CommandContext, words: readonly string[]): Promise<Offer[]> {
  const call = words.slice(words.lastIndexOf('--then') + 1)
  const [server = '', tool = ''] = call[0]?.includes('/') === true ? call[0].split('/', 2) : call
  const found = (await knownTools(context, server)).find(({ name }) => name === tool)
  if (found === undefined) return []
  const { inputSchema } = found
  const names = Object.keys(propertiesOf(inputSchema))
  const last = call.at(-1) ?? ''
  const argument = names.find((name) => last === `--${name}`)
  const values = argument === undefined ? [] : valuesOf(argument, inputSchema)
  if (values.length > 0) return values.map((word) => ({ word }))
  const offers = names.map((name) => ({ word: `--${name}`, about: descriptionOf(name, inputSchema) }))
  return offers.filter(({ word }) => !call.includes(word))
}

function descriptionOf(name: string, root: Schema): string | undefined {
  const { description } = resolveSchema(propertiesOf(root)[name], root)
  return typeof description === 'string' ? description : undefined
}

function valuesOf(name: string, root: Schema): string[] {
  const schema = resolveSchema(propertiesOf(root)[name], root)
  const isFlag = typesOf(schema, root).includes('boolean')
  return (choicesOf(schema, root) ?? (isFlag ? [true, false] : [])).map(String)
}

async function knownTools(context: CommandContext, server: string): Promise<readonly HostedTool[]> {
  const fromWorker = (worker: WorkerAccess) => toolsOf(worker, server, { mayAsk: false })
  const fromDisk = async () => (await remembered(context)).get(server) ?? []
  return askWorkerOr<readonly HostedTool[]>(context, fromWorker, fromDisk)
}

async function remembered({ environment, variables }: CommandContext) {
  const { readRememberedTools } = await import('../../worker-service/remembered-tools.ts')
  return readRememberedTools(environment(), variables)
}

async function askWorkerOr<T>(
  context: CommandContext,
  ask: (worker: WorkerAccess) => Promise<T>,
  readDisk: () => Promise<T>,
): Promise<T> {
  try {
    return await ask(new WorkerAccess(context, 'refuse'))
  } catch (thrown) {
    if (ServiceError.from(thrown).code !== 'server_unavailable') throw thrown
    return readDisk()
  }
}
