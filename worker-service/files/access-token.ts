import { randomBytes } from 'node:crypto'
import { link, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '../../shared/errors/message-of.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { systemCodeOf } from '../../shared/errors/system-code.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'

/** The worker's token: what is in the file, or a new one that is written there (0600). Throws `invalid_configuration` naming the file. */
export async function loadOrCreateToken(tokenFile: string): Promise<string> {
  try {
    return (await readToken(tokenFile)) ?? (await createToken(tokenFile))
  } catch (cause) {
    if (ServiceError.is(cause)) throw cause
    throw new ServiceError('invalid_configuration', `The token file ${tokenFile} is not usable: ${messageOf(cause)}`, {
      cause,
    })
  }
}

async function createToken(tokenFile: string): Promise<string> {
  ensurePrivateFolder(dirname(tokenFile))
  const token = randomBytes(32).toString('base64url')
  const draft = `${tokenFile}.${randomBytes(6).toString('hex')}`
  await writePrivateFile(draft, `${token}\n`, { durable: true })
  try {
    // A link appears whole or not at all, and only once however many workers start together.
    await link(draft, tokenFile)
    return token
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'EEXIST') throw thrown
    return (await readToken(tokenFile)) ?? Promise.reject(new Error('it was removed while starting'))
  } finally {
    await rm(draft, { force: true })
  }
}

async function readToken(tokenFile: string): Promise<string | undefined> {
  try {
    const token = (await readFile(tokenFile, 'utf8')).trim()
    if (token === '')
      throw new ServiceError('invalid_configuration', `The token file ${tokenFile} is empty; remove it.`)
    return token
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}
