/** `npm run test:faults -- --profile registration`: the tests of faults/src/registration with their full counts. */
import { join } from "node:path";
import { ROOT } from "../stack/definitions.mjs";
import { runVitest } from "./suites.mjs";
import { resultsOf, startTestServers } from "./test-servers.mjs";
import { testEnvironment } from "./variables.mjs";

const SERVICES = ["mongodb", "redis", "rabbitmq", "inbox"];
/** One of the files waits ten minutes, the others mostly for processes that start. */
const FILES_AT_ONCE = 3;
/** Some 400 processes are killed; on a busy machine each start takes 10 s and more. */
const RUN_MS = 3 * 3_600_000;

/** On servers of its own; returns one result per test. */
export async function runRegistration(command) {
  const servers = await startTestServers(command, SERVICES);
  const env = testEnvironment({ ...servers, ASH_TEST_REGISTRATION_PROFILE: "full" });
  const workspace = { name: "faults", folder: join(ROOT, "faults"), filter: "src/registration" };
  const more = [`--maxWorkers=${FILES_AT_ONCE}`];
  return resultsOf("registration", await runVitest({ workspace, kind: "int", env, timeoutMs: RUN_MS, more }));
}
