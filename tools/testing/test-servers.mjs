/** Servers for the integration tests that a command of its own runs. */
import { join } from "node:path";
import { openServices } from "../services/index.mjs";
import { SERVICE_PORTS, findFreePorts } from "../services/ports.mjs";
import { addressVariables } from "./variables.mjs";

/** Of the processes that the tests start. */
const OWN_PORTS = 100;

/** Starts the servers called `names`, to be stopped by `command`; returns the variables in which the tests find them. */
export async function startTestServers(command, names) {
  const services = openServices({
    dir: join(command.dir, "services"),
    basePort: await findFreePorts({ count: SERVICE_PORTS }),
    log: console.log,
  });
  command.defer(async () => {
    for (const name of names.toReversed()) await services.stop(name);
  });
  await command.step("services", async () => {
    await services.startAll(names);
    return services.state.facts.mongodbServer;
  });
  return {
    ...addressVariables({ ...services.environment(), servicesDir: services.dir }),
    ASH_TEST_PORT_BASE: String(await findFreePorts({ count: OWN_PORTS })),
  };
}

/** A suite's result as the results of a command. */
export function resultsOf(title, { passed, failures }) {
  return [...failures, ...Array.from({ length: passed }, () => ({ title, message: null }))];
}
