/** `npm run test:faults -- --profile registration`: the tests of faults/src/registration with their full counts. */
import { join } from "node:path";
import { openServices } from "../services/index.mjs";
import { SERVICE_PORTS, findFreePorts } from "../services/ports.mjs";
import { ROOT } from "../stack/definitions.mjs";
import { runVitest } from "./suites.mjs";
import { addressVariables, testEnvironment } from "./variables.mjs";

const SERVICES = ["mongodb", "redis", "rabbitmq", "inbox"];
/** Of the processes that the tests start. */
const OWN_PORTS = 100;
/** One of the files waits ten minutes, the others mostly for processes that start. */
const FILES_AT_ONCE = 3;
/** Some 400 processes are killed; on a busy machine each start takes 10 s and more. */
const RUN_MS = 3 * 3_600_000;

/** On servers of its own; returns one result per test. */
export async function runRegistration(command) {
  const services = openServices({
    dir: join(command.dir, "services"),
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
  const env = testEnvironment({
    ...addressVariables(services.environment()),
    ASH_TEST_PORT_BASE: String(await findFreePorts({ count: OWN_PORTS })),
    ASH_TEST_REGISTRATION_PROFILE: "full",
  });
  const workspace = { name: "faults", folder: join(ROOT, "faults"), filter: "src/registration" };
  const more = [`--maxWorkers=${FILES_AT_ONCE}`];
  const { passed, failures } = await runVitest({ workspace, kind: "int", env, timeoutMs: RUN_MS, more });
  return [...failures, ...Array.from({ length: passed }, () => ({ title: "registration", message: null }))];
}
