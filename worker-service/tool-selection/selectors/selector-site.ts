import { type ApiSite, resolveApiSite } from '../upstream/api-site.ts'

interface SelectorSiteOptions {
  baseUrl: string
  token?: string | undefined
  lettaPassword?: string | undefined
}

/** The site of a tool-selector API. Throws `invalid_configuration` for what cannot be sent. */
export function resolveSelectorSite({ baseUrl, token, lettaPassword }: SelectorSiteOptions): ApiSite {
  const variables = { url: 'TOOL_SELECTOR_URL', secret: 'TOOL_SELECTOR_TOKEN' }
  const credentials = [
    { header: 'authorization', scheme: 'Bearer', secret: token, variable: variables.secret },
    { header: 'x-bare-password', scheme: 'password', secret: lettaPassword, variable: 'LETTA_PASSWORD' },
  ]
  return resolveApiSite({ name: 'Tool selector', variables, baseUrl, credentials })
}
