import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { TalliedCounter } from './tallied-counter.ts'
import { TalliedDurations } from './tallied-durations.ts'

/** Every metric of the worker, in a registry of its own. Durations are seconds, as Prometheus asks. */
export type Metrics = ReturnType<typeof createMetrics>

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
export function createMetrics() {
  const registry = new Registry()
  const make = makersIn(registry)
  return { registry, ...requestMetrics(make), ...poolMetrics(make) }
}

function makersIn(registry: Registry) {
  const registers = [registry]
  return {
    counter: <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers }),
    tallied: <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new TalliedCounter({ name, help, labelNames, registers }),
    gauge: <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Gauge({ name, help, labelNames, registers }),
    durations: <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Histogram({ name, help, labelNames, buckets: SECONDS, registers }),
    talliedDurations: <Label extends string>(name: string, help: string, label: Label) =>
      new TalliedDurations({ name, help, labelNames: [label], buckets: SECONDS, registers }),
  }
}

type Makers = ReturnType<typeof makersIn>

function requestMetrics({ counter, tallied, gauge, durations }: Makers) {
  return {
    httpRequests: tallied('pilotlight_http_requests_total', 'HTTP requests answered', 'route', 'status'),
    httpDuration: durations(
      'pilotlight_http_request_duration_seconds',
      'Time from the head of a request to the end of its answer, but for streams that a GET opened',
    ),
    selectorRequests: counter(
      'pilotlight_selector_requests_total',
      'Requests to the tool-selector API by outcome',
      'outcome',
    ),
    selectorDuration: durations(
      'pilotlight_selector_request_duration_seconds',
      'Time of one request to the tool-selector API',
    ),
    selectorConnectionsOpened: counter(
      'pilotlight_selector_connections_opened_total',
      'Connections opened to the tool-selector API; far fewer than requests while they are kept alive',
    ),
    selectorConnectionsOpen: gauge(
      'pilotlight_selector_connections_open',
      'Connections to the tool-selector API now open',
    ),
    catalogTools: gauge('pilotlight_catalog_tools', 'Tools that can be found, by server', 'server'),
    serverListings: counter(
      'pilotlight_server_listings_total',
      'Times a server was asked for its tools, by outcome',
      'server',
      'outcome',
    ),
    embeddingsRequests: counter(
      'pilotlight_embeddings_requests_total',
      'Requests to the embeddings endpoint by outcome',
      'outcome',
    ),
    embeddingsDuration: durations(
      'pilotlight_embeddings_request_duration_seconds',
      'Time of one request to the embeddings endpoint',
    ),
    grpcCalls: counter(
      'pilotlight_grpc_calls_total',
      'gRPC calls that are over, by method and status',
      'method',
      'status',
    ),
    grpcDuration: durations('pilotlight_grpc_call_duration_seconds', 'Time from the head of a gRPC call to its status'),
  }
}

function poolMetrics({ counter, tallied, durations, talliedDurations }: Makers) {
  return {
    serverStarts: counter('pilotlight_server_starts_total', 'Times a server was started for the pool', 'server'),
    serverStartDuration: durations(
      'pilotlight_server_start_duration_seconds',
      'Time from the start of a server to its answer to initialize',
      'server',
    ),
    serverFalls: counter('pilotlight_server_falls_total', 'Times a server crashed or did not start', 'server'),
    calls: tallied(
      'pilotlight_calls_total',
      'Requests of clients to pooled servers, by method and outcome',
      'server',
      'method',
      'outcome',
    ),
    callDuration: talliedDurations(
      'pilotlight_call_duration_seconds',
      'Time from a request of a client to its answer',
      'server',
    ),
    framesDropped: counter(
      'pilotlight_frames_dropped_total',
      'Messages that went no further, by where they came from and why',
      'server',
      'from',
      'reason',
    ),
    clientsCutOff: counter(
      'pilotlight_clients_cut_off_total',
      'Clients that did not read, or sent more than may wait',
      'server',
    ),
  }
}
