/** Paths below the base URL of a tool-selector API. */
export const SELECTOR_PATHS = {
  attach: '/api/v1/tools/attach',
  search: '/api/v1/tools/search',
  health: '/api/v1/health',
} as const
