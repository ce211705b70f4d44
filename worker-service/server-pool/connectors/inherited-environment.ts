// What programs need to find their files, speak the user's language and reach the network. A variable that is not here never reaches
// a server: no token, no password, and no NODE_OPTIONS. What a server needs besides stands in its own `env`.
// biome-ignore format: one name a line would be a page.
const INHERITED = [
  // who and where
  'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TMPDIR', 'TZ',
  // language
  'LANG', 'LANGUAGE', 'LC_ALL', 'LC_ADDRESS', 'LC_COLLATE', 'LC_CTYPE', 'LC_IDENTIFICATION', 'LC_MEASUREMENT', 'LC_MESSAGES',
  'LC_MONETARY', 'LC_NAME', 'LC_NUMERIC', 'LC_PAPER', 'LC_TELEPHONE', 'LC_TIME',
  // folders
  'XDG_CACHE_HOME', 'XDG_CONFIG_DIRS', 'XDG_CONFIG_HOME', 'XDG_DATA_DIRS', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR', 'XDG_STATE_HOME',
  // network: proxies and certificates
  'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy',
  'NODE_EXTRA_CA_CERTS', 'SSL_CERT_DIR', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE',
  // package runners (npx, uvx)
  'npm_config_cache', 'npm_config_cafile', 'npm_config_https_proxy', 'npm_config_noproxy', 'npm_config_proxy', 'npm_config_registry',
  'NPM_CONFIG_CACHE', 'NPM_CONFIG_CAFILE', 'NPM_CONFIG_HTTPS_PROXY', 'NPM_CONFIG_NOPROXY', 'NPM_CONFIG_PROXY', 'NPM_CONFIG_REGISTRY',
  'PIP_INDEX_URL', 'UV_CACHE_DIR', 'UV_INDEX_URL',
  // version managers, whose shims stand in PATH
  'ASDF_DATA_DIR', 'ASDF_DIR', 'MISE_DATA_DIR', 'NVM_DIR', 'PNPM_HOME', 'PYENV_ROOT', 'VOLTA_HOME',
  // windows, and containers as servers
  'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_HOST',
] as const

/** The variables that every server inherits, out of those given. */
export function inheritedEnvironment(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const inherited: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = variables[name]
    if (value !== undefined) inherited[name] = value
  }
  return inherited
}
