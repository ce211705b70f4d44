import type { Context } from 'hono'
import { InvalidInput } from '../control/invalid-input.ts'
import type { AppEnv } from './create-app.ts'

const FLAGS: Readonly<Record<string, boolean>> = { '': true, '1': true, true: true, '0': false, false: false }

/** Whether a flag of the query is set: `?stream=1`. Undefined where it does not stand there. Throws InvalidInput. */
export function readFlag(c: Context<AppEnv>, name: string): boolean | undefined {
  const value = c.req.query(name)
  if (value === undefined) return undefined
  const flag = Object.hasOwn(FLAGS, value) ? FLAGS[value] : undefined
  if (flag !== undefined) return flag
  const msg = 'Input should be a valid boolean, unable to interpret input'
  throw new InvalidInput({ type: 'bool_parsing', loc: ['query', name], msg, input: value })
}

/** Whether the client wants server-sent events: by this flag, else by what it accepts. Throws InvalidInput. */
export function wantsEvents(c: Context<AppEnv>, flag: string): boolean {
  const accepted = c.env.incoming.headers.accept ?? ''
  const isWanted = readFlag(c, flag) ?? accepted.includes('text/event-stream')
  // An answer to HEAD has headers only, so that there is nothing to wait for.
  return isWanted && c.env.incoming.method !== 'HEAD'
}

/** A whole number of the query, undefined where it does not stand there. Throws InvalidInput. */
export function readCount(c: Context<AppEnv>, name: string): number | undefined {
  const value = c.req.query(name)
  if (value === undefined) return undefined
  if (/^\d{1,15}$/.test(value)) return Number(value)
  const msg = 'Input should be a valid integer, unable to parse string as an integer'
  throw new InvalidInput({ type: 'int_parsing', loc: ['query', name], msg, input: value })
}
