import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** The metrics of one process; asking twice for one name gives the same metric, so that parts need not know each other. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  histogram(
    name: string,
    help: string,
    options?: { labels?: readonly string[]; buckets?: readonly number[] },
  ): Histogram;
  /** The text that a Prometheus server reads. */
  render(): Promise<{ contentType: string; body: string }>;
  close(): void;
}

/** Seconds: from a Redis round trip to a slow translation engine. */
const SECONDS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface MetricsOptions {
  readonly process: string;
  /** Memory, event loop lag, garbage collection. Off in tests: it registers an observer of the garbage collector. */
  readonly defaults?: boolean;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: options.process });
  if (options.defaults !== false) collectDefaultMetrics({ register: registry });
  const common = (name: string, help: string, labels: readonly string[] = []) => ({
    name: `ashchat_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (name, help, labels) => {
      const known = registry.getSingleMetric(`ashchat_${name}`);
      return known instanceof Counter ? known : new Counter(common(name, help, labels));
    },
    gauge: (name, help, labels) => {
      const known = registry.getSingleMetric(`ashchat_${name}`);
      return known instanceof Gauge ? known : new Gauge(common(name, help, labels));
    },
    histogram: (name, help, histogram = {}) => {
      const known = registry.getSingleMetric(`ashchat_${name}`);
      if (known instanceof Histogram) return known;
      return new Histogram({
        ...common(name, help, histogram.labels),
        buckets: [...(histogram.buckets ?? SECONDS_BUCKETS)],
      });
    },
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    close: () => registry.clear(),
  };
}
