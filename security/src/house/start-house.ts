// @boundaries-ignore the commands own the starting of processes
import { PROCESS_NAMES, portsFromBase, stackEnvironment, startStack, type ProcessName } from "../../../tools/stack.mjs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testDatabase } from "@ashchat/db/testing";
import { connectMessaging } from "@ashchat/messaging/connect";
import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { optionalTestEnv, testEnv, uniqueName } from "@ashchat/runtime/testing";
import * as z from "zod";
import { probeEnvironment } from "../probe/ask-probe";

/** Where the processes under attack are found, and what whoever looks behind the scenes needs. */
export interface HouseAddresses {
  readonly webUrl: string;
  readonly realtimeUrl: string;
  /** A second realtime process that nobody attacks: what its people suffer is the machine's doing. */
  readonly quietRealtimeUrl: string;
  /** Health and metrics, by process. */
  readonly internalUrls: Readonly<Record<string, string>>;
  readonly pids: Readonly<Record<string, number>>;
  /** What the processes read. */
  readonly env: Readonly<Record<string, string>>;
  readonly inboxUrl: string;
  /** One file per process, `web.log` and so on. */
  readonly logFolder: string;
  /** Where the probes within the processes answer. */
  readonly probeFolder: string;
}

export interface HouseOptions {
  /** Added to what every process reads. */
  readonly env?: Readonly<Record<string, string>>;
  readonly processes?: readonly ProcessName[];
  /** Distance from the first port that the tests may use: houses that stand at the same time keep 20 apart. */
  readonly portOffset?: number;
}

export interface House {
  readonly addresses: HouseAddresses;
  close(): Promise<void>;
}

const REALTIME_COUNT = 2;
const ROOT = join(import.meta.dirname, "..", "..", "..");

/**
 * The built processes on a database and namespace of their own. They believe X-Forwarded-For, as behind a proxy, so that an
 * attack can come from as many networks as it likes. `close` ends them and drops the database.
 */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const { env: own = {}, processes = PROCESS_NAMES, portOffset = 0 } = options;
  const namespace = uniqueName("security");
  const ports = portsFromBase(Number(testEnv("ASH_TEST_PORT_BASE")) + portOffset, REALTIME_COUNT);
  const dir = join(optionalTestEnv("ASH_TEST_LOG_DIR") ?? join(ROOT, ".data"), namespace);
  const database = await testDatabase();
  const record = { QUERY_RECORD_FOR_TEST: optionalTestEnv("ASH_TEST_QUERY_RECORD") ?? "" };
  const common = { ...stackEnvironment(addressesOf(database.url), { ports, namespace }), ...record };
  const probeFolder = join(dir, "probes");
  const env = { ...common, ...probeEnvironment(probeFolder), TRUST_PROXY: "true", ...own };
  await declareQueues(env);
  const stack = await startStack({ env, ports, dir, processes, realtimeCount: REALTIME_COUNT }).catch(
    async (cause: unknown) => {
      await database.close();
      throw cause;
    },
  );
  return {
    addresses: {
      webUrl: stack.urls.web,
      realtimeUrl: stack.urls.realtime[0] ?? "",
      quietRealtimeUrl: stack.urls.realtime[1] ?? "",
      internalUrls: stack.urls.internal,
      pids: defined(stack.pids),
      env,
      inboxUrl: testEnv("ASH_TEST_INBOX_URL"),
      logFolder: join(dir, "logs"),
      probeFolder,
    },
    async close() {
      await stack.stop();
      await database.close();
    },
  };
}

/** As `migrate` does: the processes' own users may not. */
async function declareQueues({
  RABBITMQ_URL: url = "",
  NAMESPACE: namespace = "",
}: Record<string, string>): Promise<void> {
  const metrics = createMetrics({ process: "security", defaults: false });
  const messaging = await connectMessaging({ url, namespace, log: silentLogger(), metrics });
  await messaging.close();
}

/** The users with few rights that the scripts made for the processes. */
function logins(): Record<string, string> {
  const file = join(testEnv("ASH_TEST_SERVICES_DIR"), "services.json");
  const { env } = z.object({ env: z.record(z.string(), z.string()) }).parse(JSON.parse(readFileSync(file, "utf8")));
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.endsWith("_LOGIN")));
}

function addressesOf(databaseUrl: string): Record<string, string> {
  return {
    ...logins(),
    MONGODB_URL: databaseUrl,
    REDIS_URL: testEnv("ASH_TEST_REDIS_URL"),
    RABBITMQ_URL: testEnv("ASH_TEST_RABBITMQ_URL"),
    SMTP_URL: testEnv("ASH_TEST_SMTP_URL"),
  };
}

function defined(pids: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).flatMap(([name, pid]): [string, number][] => (pid === undefined ? [] : [[name, pid]])),
  );
}
