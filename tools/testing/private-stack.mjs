/** The whole product as built, on servers, data and ports of its own, for a command that harms or loads it. */
import { join } from "node:path";
import { openServices } from "../services/index.mjs";
import { SERVICE_PORTS, findFreePorts } from "../services/ports.mjs";
import { runWorkerCommand } from "../setup/build.mjs";
import { withDatabase } from "../setup/environment.mjs";
import { portsFromBase, stackEnvironment, stackPortCount, startStack } from "../stack.mjs";

/** No Apertium: whoever starts this brings a translation engine that can be asked what it was asked. */
const SERVICES = ["mongodb", "redis", "rabbitmq", "inbox"];

/**
 * Starts servers, migrates, starts the processes; everything is stopped by `command`. `label` names data and namespace.
 * `surround` may put something between the processes and the servers: it gets the true addresses with `webPort` and
 * `realtimePorts`, and answers `{ env, close }`, whose `env` wins. `env` wins over all. `readyMs`: how long a process may take
 * to be ready, also when it is started again.
 */
export async function startPrivateStack(command, options) {
  const {
    label,
    dir,
    realtimeCount = 1,
    surround = async () => ({ env: {}, close: async () => {} }),
    env,
    readyMs,
  } = options;
  const services = openServices({
    dir: join(dir, "services"),
    basePort: await findFreePorts({ count: SERVICE_PORTS }),
    log: console.log,
  });
  command.defer(async () => {
    for (const name of SERVICES.toReversed()) await services.stop(name);
  });
  await command.step("services", async () => {
    await services.startAll(SERVICES);
    return services.state.facts.mongodbServer;
  });
  const { MAIL_INBOX_URL: inboxUrl, ...addresses } = services.environment();
  const trueAddresses = { ...addresses, MONGODB_URL: withDatabase(addresses.MONGODB_URL, `ashchat_${label}`) };
  const ports = portsFromBase(await findFreePorts({ count: stackPortCount(realtimeCount) }), realtimeCount);
  const surroundings = await surround({ ...trueAddresses, webPort: ports.web, realtimePorts: ports.realtime });
  command.defer(surroundings.close);
  const namespace = `${label}${process.pid}`.replaceAll("_", "");
  const stackEnv = { ...stackEnvironment(trueAddresses, { ports, namespace }), ...surroundings.env, ...env };
  const logFolder = join(dir, "logs");
  await command.step(
    "migrations",
    async () => void (await runWorkerCommand("migrate", { env: stackEnv, logDir: logFolder })),
  );
  let stack;
  await command.step("processes", async () => {
    stack = await startStack({ env: stackEnv, ports, dir, realtimeCount, readyMs, signal: command.signal });
    command.defer(stack.stop);
  });
  /** Whoever brings a crashed server back does not do so once the command is being stopped. */
  const startAll = async (names) => {
    command.signal.throwIfAborted();
    await services.startAll(names);
  };
  return {
    ...{ stack, surroundings, ports, namespace, logFolder, inboxUrl, env: stackEnv },
    services: { ...services, startAll },
    origin: stackEnv.PUBLIC_URL,
    /** Of the servers themselves, whatever stands in front of them. */
    trueAddresses,
  };
}
