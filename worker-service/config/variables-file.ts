import { open } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { Variables } from './expand-variables.ts'

const GROUP_AND_OTHERS = 0o077

/**
 * Reads a file of `NAME=value` lines, the place for secrets that a configuration refers to; no file means no variables.
 * Throws `invalid_configuration` when it cannot be read, or when anybody but its owner can.
 */
export async function readVariablesFile(path: string): Promise<Variables> {
  try {
    await using file = await open(path)
    const { mode } = await file.stat()
    if ((mode & GROUP_AND_OTHERS) !== 0) throw new Error(`others can read it. Run "chmod 600 ${path}".`)
    return parseEnv(await file.readFile('utf8'))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {}
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ServiceError('invalid_configuration', `The file of variables ${path} is not usable: ${reason}`, { cause })
  }
}
