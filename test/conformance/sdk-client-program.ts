import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { ClientCredentialsProvider, PrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { CLIENT_METADATA_URL, REDIRECT_URL, readScenario, type Scenario, toolOf, visitLoginPage } from './scenario.ts'

// Drives the official SDK's own client through one client scenario of the conformance suite, for comparison.

const MAX_LOGINS = 3

async function main(): Promise<void> {
  const scenario = readScenario(process.env, process.argv.slice(2))
  const login = new Login(scenario)
  const authProvider = credentialsOf(scenario) ?? login.provider
  for (let attempt = 1; ; attempt++) {
    const client = new Client(
      { name: 'conformance-client', version: '1.0.0' },
      { capabilities: { elicitation: { form: { applyDefaults: true } } } },
    )
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }))
    const transport = new StreamableHTTPClientTransport(new URL(scenario.url), { authProvider })
    try {
      await client.connect(transport)
      await client.listTools()
      const tool = toolOf(scenario)
      if (tool !== undefined) await client.callTool(tool)
      await client.close()
      return
    } catch (thrown) {
      if (login.callback === undefined || attempt > MAX_LOGINS) throw thrown
      const code = login.callback.searchParams.get('code') ?? ''
      login.callback = undefined
      await transport.finishAuth(code)
    }
  }
}

function credentialsOf({ name, context }: Scenario): OAuthClientProvider | undefined {
  const { client_id: clientId = '', client_secret: clientSecret = '', private_key_pem: privateKey = '' } = context
  if (name === 'auth/client-credentials-basic') return new ClientCredentialsProvider({ clientId, clientSecret })
  if (name !== 'auth/client-credentials-jwt') return undefined
  return new PrivateKeyJwtProvider({ clientId, privateKey, algorithm: context.signing_algorithm ?? 'ES256' })
}

class Login {
  callback: URL | undefined
  readonly provider: OAuthClientProvider

  constructor({ context }: Scenario) {
    let client: OAuthClientInformationMixed | undefined
    let tokens: OAuthTokens | undefined
    let verifier = ''
    if (context.client_id !== undefined) {
      client = { client_id: context.client_id, client_secret: context.client_secret ?? '' }
    }
    this.provider = {
      redirectUrl: REDIRECT_URL,
      clientMetadataUrl: CLIENT_METADATA_URL,
      clientMetadata: {
        client_name: 'conformance-client',
        redirect_uris: [REDIRECT_URL],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
      clientInformation: () => client,
      saveClientInformation: (saved) => {
        client = saved
      },
      tokens: () => tokens,
      saveTokens: (saved) => {
        tokens = saved
      },
      redirectToAuthorization: async (url) => {
        this.callback = await visitLoginPage(url)
      },
      saveCodeVerifier: (saved) => {
        verifier = saved
      },
      codeVerifier: () => verifier,
    }
  }
}

await main()
