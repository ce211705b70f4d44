import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { TalliedCounter } from './tallied-counter.ts'
import { TalliedDurations } from './tallied-durations.ts'

/** Every metric of the worker, in a registry of its own. Durations are seconds, as Prometheus asks. */
export interface Metrics {
  registry: Registry
  httpRequests: TalliedCounter<'route' | 'status'>
  httpDuration: Histogram
  grpcCalls: Counter<'method' | 'status'>
  grpcDuration: Histogram
  selectorRequests: Counter<'outcome'>
  selectorDuration: Histogram
  selectorConnectionsOpened: Counter
  selectorConnectionsOpen: Gauge
  embeddingsRequests: Counter<'outcome'>
  embeddingsDuration: Histogram
  catalogTools: Gauge<'server'>
  serverListings: Counter<'server' | 'outcome'>
  serverStarts: Counter<'server'>
  serverStartDuration: Histogram<'server'>
  serverFalls: Counter<'server'>
  calls: TalliedCounter<'server' | 'method' | 'outcome'>
  callDuration: TalliedDurations<'server'>
  framesDropped: Counter<'server' | 'from' | 'reason'>
  clientsCutOff: Counter<'server'>
}

const SECONDS = [0.000_25, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1, 5, 15]

/**
 * A registry as it is scraped, with the metrics of this process (memory, event loop, garbage collection). These are kept from the first
 * scrape on: to keep them wakes the process a hundred times a second and at each collection, and most workers are never scraped.
 */
export function withProcessMetrics(registry: Registry): Pick<Registry, 'contentType' | 'metrics'> {
  let isKept = false
  return {
    contentType: registry.contentType,
    metrics() {
      if (!isKept) collectDefaultMetrics({ register: registry })
      isKept = true
      return registry.metrics()
    },
  }
}

/** Makes the worker's own metrics. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    httpRequests: new TalliedCounter({
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
    ...embeddingsMetrics(registers),
    ...grpcMetrics(registers),
    ...poolMetrics(registers),
  }
}

function embeddingsMetrics(registers: Registry[]) {
  return {
    embeddingsRequests: new Counter({
      name: 'pilotlight_embeddings_requests_total',
      help: 'Requests to the embeddings endpoint by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    embeddingsDuration: new Histogram({
      name: 'pilotlight_embeddings_request_duration_seconds',
      help: 'Time of one request to the embeddings endpoint',
      buckets: SECONDS,
      registers,
    }),
  }
}

function grpcMetrics(registers: Registry[]) {
  return {
    grpcCalls: new Counter({
      name: 'pilotlight_grpc_calls_total',
      help: 'gRPC calls that are over, by method and status',
      labelNames: ['method', 'status'],
      registers,
    }),
    grpcDuration: new Histogram({
      name: 'pilotlight_grpc_call_duration_seconds',
      help: 'Time from the head of a gRPC call to its status',
      buckets: SECONDS,
      registers,
    }),
  }
}

function poolMetrics(registers: Registry[]) {
  return {
    serverStarts: new Counter({
      name: 'pilotlight_server_starts_total',
      help: 'Times a server was started for the pool',
      labelNames: ['server'],
      registers,
    }),
    serverStartDuration: new Histogram({
      name: 'pilotlight_server_start_duration_seconds',
      help: 'Time from the start of a server to its answer to initialize',
      labelNames: ['server'],
      buckets: SECONDS,
      registers,
    }),
    serverFalls: new Counter({
      name: 'pilotlight_server_falls_total',
      help: 'Times a server crashed or did not start',
      labelNames: ['server'],
      registers,
    }),
    calls: new TalliedCounter({
      name: 'pilotlight_calls_total',
      help: 'Requests of clients to pooled servers, by method and outcome',
      labelNames: ['server', 'method', 'outcome'],
      registers,
    }),
    callDuration: new TalliedDurations({
      name: 'pilotlight_call_duration_seconds',
      help: 'Time from a request of a client to its answer',
      labelNames: ['server'],
      buckets: SECONDS,
      registers,
    }),
    framesDropped: new Counter({
      name: 'pilotlight_frames_dropped_total',
      help: 'Messages that went no further, by where they came from and why',
      labelNames: ['server', 'from', 'reason'],
      registers,
    }),
    clientsCutOff: new Counter({
      name: 'pilotlight_clients_cut_off_total',
      help: 'Clients that did not read, or sent more than may wait',
      labelNames: ['server'],
      registers,
    }),
  }
}
