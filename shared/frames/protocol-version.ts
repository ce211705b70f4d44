/** The MCP versions whose frames this router knows, oldest first. They differ in what messages may hold, not in how they are routed. */
export const PROTOCOL_VERSIONS = ['2024-10-07', '2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const

/** The version offered to servers. */
export const LATEST_PROTOCOL_VERSION = PROTOCOL_VERSIONS[4]

/**
 * The version a client is answered with, given the one it offered and the one the server speaks. A client that offers an older known
 * version gets it back: it would leave otherwise, and what newer messages hold beyond it is optional. All others get the server's
 * version, and decide for themselves, as they would with the server alone.
 */
export function negotiateVersion(offered: string, spoken: string): string {
  const offeredAge = versionIndex(offered)
  return offeredAge !== -1 && offeredAge < versionIndex(spoken) ? offered : spoken
}

/** Whether this is a version of MCP after all that are known; their names are dates. */
export function isLaterVersion(version: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(version) && version > LATEST_PROTOCOL_VERSION
}

function versionIndex(version: string): number {
  return PROTOCOL_VERSIONS.findIndex((known) => known === version)
}
