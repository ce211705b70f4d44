import packageJson from '../package.json' with { type: 'json' }

/** The version of this package, as every program reports it. */
export const VERSION: string = packageJson.version
