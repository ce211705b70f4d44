// Runs on any Node, old ones included: the scripts after it need the Node 24 that `npm ci` installs.
const [major] = process.versions.node.split('.').map(Number)
if (major < 22) {
  console.error(
    `pilotlight needs Node 22.22 or newer to build and test; this is ${process.version} (${process.execPath}).\n` +
      'npm ci installs Node 24 beside the project. If install scripts are switched off, run\n' +
      '  npm rebuild node\n' +
      'or put a newer Node first in your PATH.',
  )
  process.exit(69)
}
