import { describe, expect, it } from 'vitest'
import { inheritedEnvironment } from './inherited-environment.ts'

const EVERYTHING = new Proxy<Record<string, string>>({}, { get: (_, name) => `value of ${String(name)}` })

describe('inheritedEnvironment', () => {
  it('is this list and nothing else', () => {
    expect(Object.keys(inheritedEnvironment(EVERYTHING)).toSorted().join(' ')).toBe(
      'ALL_PROXY ASDF_DATA_DIR ASDF_DIR CURL_CA_BUNDLE DISPLAY DOCKER_CONFIG DOCKER_CONTEXT DOCKER_HOST HOME HTTPS_PROXY ' +
        'HTTP_PROXY LANG LANGUAGE LC_ADDRESS LC_ALL LC_COLLATE LC_CTYPE LC_IDENTIFICATION LC_MEASUREMENT LC_MESSAGES ' +
        'LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME LOGNAME MISE_DATA_DIR NODE_EXTRA_CA_CERTS NO_PROXY ' +
        'NPM_CONFIG_CACHE NPM_CONFIG_CAFILE NPM_CONFIG_HTTPS_PROXY NPM_CONFIG_NOPROXY NPM_CONFIG_PROXY NPM_CONFIG_REGISTRY ' +
        'NVM_DIR PATH PIP_INDEX_URL PNPM_HOME PYENV_ROOT REQUESTS_CA_BUNDLE SHELL SSL_CERT_DIR SSL_CERT_FILE TERM TMPDIR TZ ' +
        'USER UV_CACHE_DIR UV_INDEX_URL VOLTA_HOME WAYLAND_DISPLAY XAUTHORITY XDG_CACHE_HOME XDG_CONFIG_DIRS XDG_CONFIG_HOME ' +
        'XDG_DATA_DIRS XDG_DATA_HOME XDG_RUNTIME_DIR XDG_STATE_HOME all_proxy http_proxy https_proxy no_proxy ' +
        'npm_config_cache npm_config_cafile npm_config_https_proxy npm_config_noproxy npm_config_proxy npm_config_registry',
    )
  })

  it('keeps what is set, empty values included, and invents nothing', () => {
    const variables = { PATH: '/bin', LANG: '', HOME: undefined, NODE_OPTIONS: '--inspect', PILOTLIGHT_TOKEN: 's3cret' }
    expect(inheritedEnvironment(variables)).toEqual({ PATH: '/bin', LANG: '' })
  })
})
