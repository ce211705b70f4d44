import type { FakeFeatures } from './fake-servers.ts'

/** What a fake server has besides tools, by names and URIs; answers tell which server gave them and what it was asked. */
export function features(
  server: string,
  has: { prompts?: string[]; resources?: string[]; templates?: string[]; tells?: boolean },
): FakeFeatures {
  const { prompts, resources, templates = [], tells = true } = has
  const say = (params: Record<string, unknown>) => ({ from: server, params })
  return {
    capabilities: {
      ...(prompts && { prompts: { listChanged: tells } }),
      ...(resources && { resources: { listChanged: tells, subscribe: true } }),
    },
    results: {
      'prompts/list': () => ({
        prompts: (prompts ?? []).map((name) => ({ name, description: `of ${server}`, x: [1.5] })),
      }),
      'prompts/get': say,
      'resources/list': () => ({ resources: (resources ?? []).map((uri) => ({ uri, name: uri, size: 1 })) }),
      'resources/templates/list': () => ({
        resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
      }),
      'resources/read': ({ uri }) => ({
        contents: [
          { uri, text: `uri ${server}` },
          { uri: `${String(uri)}/part`, blob: '' },
        ],
        uri,
      }),
      'resources/subscribe': say,
      'resources/unsubscribe': say,
      'completion/complete': say,
    },
  }
}
