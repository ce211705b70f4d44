import { runSection } from '../section.ts'
import { summariesOf } from '../summaries.ts'
import { measureAll, type PeerResults } from './measure-peers.ts'
import { PEERS } from './peers.ts'
import { renderPeers } from './render-peers.ts'

await runSection<PeerResults>({
  id: 'peers',
  title: 'One server behind Pilotlight and behind others, official clients',
  help: `Measures a tool call of an official client at one warm server: direct, through Pilotlight, and through other programs
that stand between clients and servers; then what becomes of each when its server is killed, and when it is itself, and what
memory it takes. Fetches those, about 100 MB, once into the cache folder.

  npm run bench:peers                four minutes
  npm run bench:peers -- --quick     the calls alone, in half a minute, noisier
  npm run bench:peers -- --json      the results as JSON instead of a table

The results also go to bench-results/peers.json.
`,
  measure: measureAll,
  render: renderPeers,
  goalsOf: () => [],
  toJson: ({ calls, gateways, failures }) => ({
    calls: summariesOf(calls),
    gateways,
    others: PEERS.map(({ title }) => title),
    left_out: Object.fromEntries(failures),
  }),
})
