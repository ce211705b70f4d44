/** What the servers of `examples/mcp.json` have to offer, at the versions that `examples/package.json` names. */
export const EXAMPLE_CATALOG = {
  status: 'ready',
  tools: 41,
  servers: ['everything', 'filesystem', 'memory', 'sequential-thinking'],
  skipped: {},
}
