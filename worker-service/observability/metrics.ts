import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Every metric of the worker, in a registry of its own. Durations are seconds, as Prometheus asks. */
export interface Metrics {
  registry: Registry
  httpRequests: Counter<'route' | 'status'>
  httpDuration: Histogram
  selectorRequests: Counter<'outcome'>
  selectorDuration: Histogram
  selectorConnectionsOpened: Counter
  selectorConnectionsOpen: Gauge
  catalogTools: Gauge<'server'>
  serverListings: Counter<'server' | 'outcome'>
}

const SECONDS = [0.000_25, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1, 5, 15]

/** Makes the worker's metrics; `withProcess` adds those of the process (memory, event loop, garbage collection). */
export function createMetrics({ withProcess }: { withProcess: boolean }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (withProcess) collectDefaultMetrics({ register: registry })
  return {
    registry,
    httpRequests: new Counter({
      name: 'pilotlight_http_requests_total',
      help: 'HTTP requests answered',
      labelNames: ['route', 'status'],
      registers,
    }),
    httpDuration: new Histogram({
      name: 'pilotlight_http_request_duration_seconds',
      help: 'Time from the head of a request to its answer',
      buckets: SECONDS,
      registers,
    }),
    selectorRequests: new Counter({
      name: 'pilotlight_selector_requests_total',
      help: 'Requests to the tool-selector API by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    selectorDuration: new Histogram({
      name: 'pilotlight_selector_request_duration_seconds',
      help: 'Time of one request to the tool-selector API',
      buckets: SECONDS,
      registers,
    }),
    selectorConnectionsOpened: new Counter({
      name: 'pilotlight_selector_connections_opened_total',
      help: 'Connections opened to the tool-selector API; far fewer than requests while they are kept alive',
      registers,
    }),
    selectorConnectionsOpen: new Gauge({
      name: 'pilotlight_selector_connections_open',
      help: 'Connections to the tool-selector API now open',
      registers,
    }),
    catalogTools: new Gauge({
      name: 'pilotlight_catalog_tools',
      help: 'Tools that can be found, by server',
      labelNames: ['server'],
      registers,
    }),
    serverListings: new Counter({
      name: 'pilotlight_server_listings_total',
      help: 'Times a server was asked for its tools, by outcome',
      labelNames: ['server', 'outcome'],
      registers,
    }),
  }
}
