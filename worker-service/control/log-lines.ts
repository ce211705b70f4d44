/** How many lines of a log are given. */
export const LINES = { byDefault: 50, max: 1_000 } as const
