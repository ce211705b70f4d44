/** What commands say where the configuration has no servers. */
export const NO_SERVERS = 'No server is configured. "pilot import" takes over those of your MCP clients.'
