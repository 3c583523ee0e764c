/**
 * A private RabbitMQ broker: own node directory, own Erlang cookie, own epmd, everything on the loopback address.
 * The Debian wrapper in /usr/sbin changes user and ignores private paths, so the server's own script is called.
 * epmd is started here, before the broker would start one of its own, so that its pid is known.
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  BROKER_PROCESSES,
  BROKER_VHOST,
  OWNER,
  brokerPermissions,
  brokerUser,
  loginVariable,
} from "./broker-users.mjs";
import { findProgram } from "./packages.mjs";
import {
  SetupError,
  accepts,
  becomesTrue,
  isAlive,
  recordOf,
  startDetached,
  stopProcess,
  waitReady,
} from "./process.mjs";

const READY_MS = 60_000;
const EPMD_READY_MS = 5000;
const STOP_GRACE_MS = 15_000;
const DEBIAN_SCRIPT = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const SCHEDULERS = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none";
const LOOPBACK_DISTRIBUTION = "-kernel inet_dist_use_interface {127,0,0,1}";

export const rabbitmq = {
  name: "rabbitmq",
  ports: ["rabbitmq", "rabbitmqDist", "epmd"],

  missing: () => (serverScript() ? [] : ["rabbitmq-server"]),

  async start(context) {
    const { dir, ports, records, logFile } = context;
    const home = writeConfiguration(context);
    const epmd = isAlive(records.epmd) ? records.epmd : await startEpmd(context);
    const env = brokerEnvironment({ home, ports });
    const script = await startDetached({ command: serverScript(), args: [], env, cwd: home, logFile });
    const ready = () => accepts(ports.rabbitmq);
    await waitReady({ name: "RabbitMQ", record: script, ready, logFile, deadlineMs: READY_MS });
    const pid = Number(readFileSync(join(dir, "rabbitmq", "rmq.pid"), "utf8"));
    return { main: recordOf(pid), script, epmd };
  },

  /** The start script ends with the broker; epmd would stay behind for ever. */
  async stop({ records }) {
    await stopProcess(records.main, { graceMs: STOP_GRACE_MS });
    await becomesTrue(() => !isAlive(records.script), 2000);
    await stopProcess(records.script);
    await stopProcess(records.epmd);
  },

  env: ({ ports, secrets }) => ({
    RABBITMQ_URL: `amqp://${OWNER}:${secrets.rabbitmq}@127.0.0.1:${ports.rabbitmq}/${BROKER_VHOST}`,
    ...Object.fromEntries(
      BROKER_PROCESSES.map((process) => [
        loginVariable(process),
        `${brokerUser(process)}:${passwordOf(secrets, process)}`,
      ]),
    ),
  }),
};

function serverScript() {
  return existsSync(DEBIAN_SCRIPT) ? DEBIAN_SCRIPT : findProgram("rabbitmq-server");
}

function brokerEnvironment({ home, ports }) {
  return {
    ...process.env,
    HOME: home,
    RABBITMQ_NODENAME: "ashchat@localhost",
    RABBITMQ_DIST_PORT: String(ports.rabbitmqDist),
    RABBITMQ_CONF_ENV_FILE: join(home, "none.conf"),
    RABBITMQ_CONFIG_FILE: join(home, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(home, "mnesia"),
    RABBITMQ_LOG_BASE: join(home, "log"),
    RABBITMQ_PID_FILE: join(home, "rmq.pid"),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(ports.epmd),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${SCHEDULERS} ${LOOPBACK_DISTRIBUTION}`,
  };
}

async function startEpmd({ ports, dir }) {
  const command = findProgram("epmd");
  if (!command)
    throw new SetupError("Erlang's epmd, a part of RabbitMQ, is not on PATH: add Erlang's bin folder to PATH.");
  const logFile = join(dir, "logs", "epmd.log");
  const args = ["-port", String(ports.epmd), "-address", "127.0.0.1"];
  const record = await startDetached({ command, args, logFile });
  await waitReady({ name: "epmd", record, ready: () => accepts(ports.epmd), logFile, deadlineMs: EPMD_READY_MS });
  return record;
}

/** A password of its own for each process, out of the one secret that the folder keeps. */
function passwordOf(secrets, process) {
  return createHmac("sha256", secrets.rabbitmq).update(process).digest("hex");
}

/** Writes what the broker reads at boot; the definitions hold all users, so that no `guest` exists. */
function writeConfiguration({ dir, ports, secrets }) {
  const home = join(dir, "rabbitmq");
  for (const folder of ["mnesia", "log"]) mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, "none.conf"), "");
  writeFileSync(join(home, "enabled_plugins"), "[].");
  const cookie = join(home, ".erlang.cookie");
  if (!existsSync(cookie)) writeFileSync(cookie, randomBytes(24).toString("hex"));
  chmodSync(cookie, 0o400); // Erlang refuses a cookie that others can read
  const configuration = [
    `listeners.tcp.1 = 127.0.0.1:${ports.rabbitmq}`,
    "disk_free_limit.absolute = 200MB",
    "vm_memory_high_watermark.absolute = 1GB",
    `load_definitions = ${join(home, "definitions.json")}`,
  ];
  writeFileSync(join(home, "rabbitmq.conf"), `${configuration.join("\n")}\n`);
  writeFileSync(join(home, "definitions.json"), JSON.stringify(definitions(secrets)), { mode: 0o600 });
  return home;
}

function definitions(secrets) {
  const processes = BROKER_PROCESSES.map((process) => userWith(brokerUser(process), passwordOf(secrets, process)));
  const users = [userWith(OWNER, secrets.rabbitmq), ...processes];
  return { users, vhosts: [{ name: BROKER_VHOST }], permissions: brokerPermissions() };
}

function userWith(name, password) {
  const salt = randomBytes(4);
  const hash = createHash("sha256").update(salt).update(password).digest();
  const password_hash = Buffer.concat([salt, hash]).toString("base64");
  return { name, password_hash, hashing_algorithm: "rabbit_password_hashing_sha256", tags: [] };
}
