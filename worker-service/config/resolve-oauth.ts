import type { OAuthSettings } from '../server-pool/server-definition.ts'
import type { WrittenOAuth } from './sections.ts'

const PRIVATE_KEY = /^\s*-----BEGIN PRIVATE KEY-----/

/** The mistake in how settings go together, with what to do about it; undefined where they do. */
export function oauthMistake({ clientId, clientSecret, privateKey, grant }: WrittenOAuth): string | undefined {
  const secret = clientSecret === undefined ? 'privateKey' : 'clientSecret'
  const hasSecret = clientSecret !== undefined || privateKey !== undefined
  if (clientSecret !== undefined && privateKey !== undefined) {
    return 'its "oauth" has both "clientSecret" and "privateKey"; keep one of them'
  }
  if (hasSecret && clientId === undefined) {
    return `its "oauth" has a "${secret}" but no "clientId"; add the one it belongs to`
  }
  if (grant === 'client_credentials') {
    return hasSecret ? undefined : 'its "oauth" has no "clientSecret" or "privateKey" to log in with; add one of them'
  }
  if (privateKey === undefined) return undefined
  return 'its "oauth" has a "privateKey" that nobody asks for; add "grant": "client_credentials"'
}

/** The settings as they are used, their variables expanded by `expand`. */
export function resolveOAuth(written: WrittenOAuth, expand: (text: string) => string): OAuthSettings {
  // An empty text, as of a variable whose default is empty, is as good as none.
  const text = (value: string | undefined) => (value === undefined ? undefined : expand(value) || undefined)
  return {
    clientId: text(written.clientId),
    clientSecret: text(written.clientSecret),
    privateKey: text(written.privateKey),
    algorithm: written.algorithm,
    issuer: text(written.issuer),
    clientMetadataUrl: text(written.clientMetadataUrl),
    scope: text(written.scope ?? written.scopes),
    grant: written.grant,
  }
}

/** Why settings cannot be used as their variables stand; undefined where they can. Never quotes a value. */
export function whyOAuthUnusable({ issuer, clientMetadataUrl, privateKey }: OAuthSettings): string | undefined {
  if (issuer !== undefined && !hasProtocol(issuer, ['http:', 'https:'])) {
    return 'the issuer in its "oauth" is not an http:// or https:// URL'
  }
  if (clientMetadataUrl !== undefined && !hasProtocol(clientMetadataUrl, ['https:'])) {
    return 'the clientMetadataUrl in its "oauth" is not an https:// URL'
  }
  if (privateKey === undefined || PRIVATE_KEY.test(privateKey)) return undefined
  return 'the privateKey in its "oauth" is not a PKCS #8 key as PEM, which begins with "-----BEGIN PRIVATE KEY-----"'
}

function hasProtocol(url: string, protocols: readonly string[]): boolean {
  return protocols.includes(URL.parse(url)?.protocol ?? '')
}
