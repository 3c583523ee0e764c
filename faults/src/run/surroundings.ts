import { startRecordingEngine, type RecordingEngine } from "@ashchat/translate/testing/recording-engine";
import { startProxy, type FaultProxy } from "../proxy";

/** What stands between the processes of a run: a recording translation engine and a proxy on every way. */
export interface Surroundings {
  engine: RecordingEngine;
  proxies: Readonly<Record<ProxyName, FaultProxy>>;
  /** The addresses that the processes get instead of the true ones. */
  env: Record<string, string>;
  realtimeUrls: readonly string[];
  webUrl: string;
  close(): Promise<void>;
}

export const PROXY_NAMES = ["mongodb", "redis", "rabbitmq", "web", "realtime", "realtime-2"] as const;
export type ProxyName = (typeof PROXY_NAMES)[number];

interface TrueAddresses {
  MONGODB_URL: string;
  REDIS_URL: string;
  RABBITMQ_URL: string;
  webPort: number;
  realtimePorts: readonly number[];
}

const HOST = "127.0.0.1";
/** What a translation takes somewhere else. */
const ENGINE_DELAY_MS = 20;

export async function startSurroundings(addresses: TrueAddresses): Promise<Surroundings> {
  const engine = await startRecordingEngine(0, ENGINE_DELAY_MS);
  const [first = 0, second = first] = addresses.realtimePorts;
  const through = (targetPort: number) => startProxy({ port: 0, targetPort });
  const proxies = {
    mongodb: await through(portOf(addresses.MONGODB_URL)),
    redis: await through(portOf(addresses.REDIS_URL)),
    rabbitmq: await through(portOf(addresses.RABBITMQ_URL)),
    web: await through(addresses.webPort),
    realtime: await through(first),
    "realtime-2": await through(second),
  };
  const realtimeUrls = [proxies.realtime, proxies["realtime-2"]].map(({ port }) => `ws://${HOST}:${port}`);
  return {
    engine,
    proxies,
    env: {
      MONGODB_URL: withPort(addresses.MONGODB_URL, proxies.mongodb.port),
      REDIS_URL: withPort(addresses.REDIS_URL, proxies.redis.port),
      RABBITMQ_URL: withPort(addresses.RABBITMQ_URL, proxies.rabbitmq.port),
      REALTIME_PUBLIC_URL: realtimeUrls[0] ?? "",
      TRANSLATION_ENGINES: "libretranslate",
      LIBRETRANSLATE_URL: engine.url,
    },
    realtimeUrls,
    webUrl: `http://${HOST}:${proxies.web.port}`,
    close: async () => {
      await Promise.all([engine.close(), ...Object.values(proxies).map((proxy) => proxy.close())]);
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function withPort(url: string, port: number): string {
  return url.replace(`:${portOf(url)}`, `:${port}`);
}
