import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { messageOf } from '../../shared/errors/message-of.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { systemCodeOf } from '../../shared/errors/system-code.ts'
import type { Variables } from './expand-variables.ts'

const GROUP_AND_OTHERS = 0o077
// A pipe would be waited for until somebody writes to it.
const READ_WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Reads a file of `NAME=value` lines, the place for secrets that a configuration refers to; no file means no variables.
 * Throws `invalid_configuration` when it cannot be read, or when anybody but its owner can.
 */
export function readVariablesFile(path: string): Variables {
  try {
    return parseEnv(readPrivately(path))
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return {}
    throw new ServiceError(
      'invalid_configuration',
      `The file of variables ${path} is not usable: ${messageOf(cause)}`,
      { cause },
    )
  }
}

function readPrivately(path: string): string {
  const file = openSync(path, READ_WITHOUT_WAITING)
  try {
    const found = fstatSync(file)
    if (!found.isFile()) throw new Error('it is not a file.')
    if ((found.mode & GROUP_AND_OTHERS) !== 0) throw new Error(`others can read it. Run "chmod 600 ${path}".`)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
