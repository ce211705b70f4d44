import type {
  RemoteServerDefinition,
  ServerDefinition,
  StdioServerDefinition,
} from '../server-pool/server-definition.ts'
import { whyOAuthUnusable } from './resolve-oauth.ts'
import type { Path, Remark } from './section-reader.ts'

const NUL = '\0'
// RFC 9110: a token.
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// RFC 9110: what can be seen, spaces and tabs, and the bytes above; more than a byte no character has there.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * What is wrong with a server once its variables are expanded, and why it could never be started or reached. What a variable came to is
 * never quoted: it may be a secret.
 */
export function whatIsWrong(definition: ServerDefinition): Remark[] {
  return definition.transport === 'stdio' ? wrongWithProgram(definition) : wrongWithRemote(definition)
}

function wrongWithProgram({ command, args, env, cwd }: StdioServerDefinition): Remark[] {
  const values = Object.entries(env).map(([name, value]) => [['env', name], value] as const)
  const texts: ReadonlyArray<readonly [Path, string]> = [
    [['command'], command],
    ...args.map((arg, at) => [['args', at], arg] as const),
    ...values,
    [['cwd'], cwd ?? ''],
  ]
  return [
    ...(command === '' ? [remark([], 'its command is empty')] : []),
    ...texts.filter(([, text]) => text.includes(NUL)).map(([path]) => wrong(path, 'has a NUL character')),
    ...Object.keys(env)
      .filter((name) => name === '' || name.includes('=') || name.includes(NUL))
      .map((name) => wrong(['env', name], 'is no name that a variable can have')),
  ]
}

function wrongWithRemote({ url, headers, oauth }: RemoteServerDefinition): Remark[] {
  const protocol = URL.parse(url)?.protocol
  const whyNoLogin = oauth === undefined ? undefined : whyOAuthUnusable(oauth)
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  return [
    ...(protocol !== 'http:' && protocol !== 'https:' ? [remark([], 'its url is not an http:// or https:// URL')] : []),
    ...Object.entries(headers).flatMap(([name, value], at) => {
      const path = ['headers', name]
      if (!HEADER_NAME.test(name)) return [wrong(path, 'is no name that a header can have')]
      if (names.indexOf(name.toLowerCase()) < at) return [wrong(path, 'is there in other letters already; remove one')]
      return HEADER_VALUE.test(value) ? [] : [wrong(path, 'has a character that no header can have')]
    }),
    ...(whyNoLogin === undefined ? [] : [remark([], whyNoLogin)]),
  ]
}

function wrong(path: Path, what: string): Remark {
  return remark(path, `"${path.join('.')}" ${what}`)
}

function remark(path: Path, text: string): Remark {
  return { path, text }
}
