#!/usr/bin/env node
/**
 * npm run test:security: the attack programme of docs/security.md with its full counts, against the built processes on
 * private servers. Closes with `N passed, N failed`. `npm test` runs the same files with small counts.
 * node tools/security.mjs [--profile short|full] [--no-build] [filter]   the files whose path contains the filter
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SERVICE_NAMES } from "./services/index.mjs";
import { SetupError } from "./services/process.mjs";
import { openCommand } from "./testing/command.mjs";
import { judgeQueries } from "./testing/queries.mjs";
import { browserPath, runVitest, workspacesWith } from "./testing/suites.mjs";
import { resultsOf, startTestServers } from "./testing/test-servers.mjs";
import { testEnvironment } from "./testing/variables.mjs";

const PROFILES = ["short", "full"];
/** 200,000 frames and 100,000 inputs on two busy cores. */
const RUN_MS = 5_400_000;

const command = openCommand("security");

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { profile: { type: "string", default: "full" }, "no-build": { type: "boolean", default: false } },
  });
  if (!PROFILES.includes(values.profile)) throw new SetupError("--profile is short or full.");
  return { profile: values.profile, build: !values["no-build"], filter: positionals[0] };
}

async function main({ profile, build, filter }) {
  await command.prepare({ build });
  const [workspace] = workspacesWith("int", "security");
  const queryRecord = join(command.dir, "queries.ndjson");
  const logDir = join(command.dir, "logs");
  const env = testEnvironment({
    ...(await startTestServers(command, SERVICE_NAMES)),
    ASH_TEST_SECURITY_PROFILE: profile,
    ASH_TEST_CHROMIUM: browserPath({ log: console.log }),
    ASH_TEST_QUERY_RECORD: queryRecord,
    ASH_TEST_LOG_DIR: logDir,
  });
  const attacks = await runVitest({ workspace: { ...workspace, filter }, kind: "int", env, timeoutMs: RUN_MS });
  const queries = await judgeQueries(queryRecord, { mayBeAbsent: filter !== undefined });
  if (attacks.failures.length > 0) command.keepLogs(logDir, profile);
  return [...resultsOf("security", attacks), ...resultsOf("queries", queries)];
}

await command.run(async () => main(readOptions()));
