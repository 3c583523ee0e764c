/**
 * Where the backing services of `npm run up` come from, each for itself: an address in `.env`; a running docker engine
 * (compose); programs on PATH or Debian packages (tools/services). Returns their addresses; how to stop those that this
 * run starts is put on `undo` before the first of them starts.
 */
import { join } from "node:path";
import { BROKER_PROCESSES, brokerUser, loginVariable } from "../services/broker-users.mjs";
import { findProgram } from "../services/packages.mjs";
import { SERVICE_NAMES, openServices } from "../services/index.mjs";
import { portsFrom } from "../services/ports.mjs";
import { SetupError, becomesTrue } from "../services/process.mjs";
import { ROOT } from "../stack/definitions.mjs";
import { withDatabase } from "./environment.mjs";
import { mustRun, run } from "../services/run.mjs";

const ADDRESS_OF = {
  mongodb: "MONGODB_URL",
  redis: "REDIS_URL",
  rabbitmq: "RABBITMQ_URL",
  apertium: "APERTIUM_URL",
  inbox: "SMTP_URL",
};
const ENGINE_PROBE_MS = 5000;
const COMPOSE_MS = 600_000;
/** The start period and the tries of docker-compose.yml. */
const HEALTHY_MS = 120_000;
const LOOK_EVERY_MS = 500;
/** MongoDB, Redis, RabbitMQ and so on from here; compose publishes the same ones. */
const FIRST_PORT = 3200;

/** Throws one sentence where a needed service cannot be had. */
export async function getServices({ env, dir, log, undo }) {
  const wanted = SERVICE_NAMES.filter((name) => isWanted(name, env) && !env[ADDRESS_OF[name]]);
  if (env.NODE_ENV === "production" && wanted.length > 0) {
    const names = wanted.map((name) => ADDRESS_OF[name]).join(", ");
    throw new SetupError(`NODE_ENV is production, where no development service is started: set ${names}.`);
  }
  if (wanted.length === 0) return { env: {}, from: "addresses of .env" };
  const found = (await dockerRuns())
    ? await fromCompose({ wanted, env, undo })
    : await fromPrograms({ wanted, env, dir, log, undo });
  if (found.env.MONGODB_URL) found.env.MONGODB_URL = withDatabase(found.env.MONGODB_URL, "ashchat");
  return found;
}

/** Apertium only where the configuration names it (it is the default engine). */
function isWanted(name, env) {
  return (
    name !== "apertium" ||
    (env.TRANSLATION_ENGINES || "apertium").split(",").some((engine) => engine.trim() === "apertium")
  );
}

async function dockerRuns() {
  if (!findProgram("docker")) return false;
  const { status } = await run("docker", ["info", "--format", "{{.ServerVersion}}"], {
    quiet: true,
    logFile: join(ROOT, ".data", "logs", "docker-info.log"),
    timeoutMs: ENGINE_PROBE_MS,
  });
  return status === 0;
}

async function fromCompose({ wanted, env, undo }) {
  const plugin = (await run("docker", ["compose", "version"], { quiet: true, logFile: composeLog() })).status === 0;
  const [command, ...first] = plugin ? ["docker", "compose"] : ["docker-compose"];
  const files = ["-f", "docker-compose.yml", "-f", join("tools", "compose.up.yml"), "--profile", "dev"];
  const options = {
    cwd: ROOT,
    env: { ...process.env, ...composeDefaults(env), ...env },
    logFile: composeLog(),
    timeoutMs: COMPOSE_MS,
  };
  const compose = (...args) => mustRun("docker compose", [command, ...first, ...files, ...args], options);
  undo.push(() => compose("stop", ...wanted));
  await compose("up", "-d", ...(plugin ? ["--wait"] : []), ...wanted);
  if (!plugin) await waitHealthy((await compose("ps", "-q", ...wanted)).split("\n").filter(Boolean));
  const addresses = {
    mongodb: {
      MONGODB_URL: `mongodb://ashchat:${env.MONGODB_PASSWORD}@127.0.0.1:3200/?authSource=ashchat&directConnection=true`,
    },
    redis: { REDIS_URL: `redis://ashchat:${env.REDIS_PASSWORD}@127.0.0.1:3201` },
    rabbitmq: { RABBITMQ_URL: `amqp://ashchat:${env.RABBITMQ_PASSWORD}@127.0.0.1:3202/ashchat`, ...brokerLogins(env) },
    apertium: { APERTIUM_URL: "http://127.0.0.1:3205" },
    inbox: { SMTP_URL: "smtp://127.0.0.1:3025", MAIL_INBOX_URL: "http://127.0.0.1:3080" },
  };
  return { env: Object.assign({}, ...wanted.map((name) => addresses[name])), from: "docker compose" };
}

/** What `up --wait` is in newer versions: returns when every container says that it is healthy. */
async function waitHealthy(containers) {
  const look = ["inspect", "--format", "{{.State.Health.Status}}", ...containers];
  const healthy = await becomesTrue(
    async () => {
      const { stdout } = await run("docker", look, { quiet: true, logFile: INSPECT_LOG });
      return stdout.split("\n").filter((line) => line.trim() === "healthy").length === containers.length;
    },
    HEALTHY_MS,
    LOOK_EVERY_MS,
  );
  if (!healthy) throw new SetupError(`The servers of Docker Compose are not healthy after ${HEALTHY_MS / 1000} s.`);
}

/** With the passwords of .env, under which compose makes the users. */
function brokerLogins(env) {
  const loginOf = (process) => {
    const variable = loginVariable(process);
    return [
      variable,
      `${brokerUser(process)}:${env[variable.replace(/^(.*)_RABBITMQ_LOGIN$/, "RABBITMQ_$1_PASSWORD")]}`,
    ];
  };
  return Object.fromEntries(BROKER_PROCESSES.map(loginOf));
}

const INSPECT_LOG = join(ROOT, ".data", "logs", "docker-inspect.log");
const composeLog = () => join(ROOT, ".data", "logs", "compose.log");

/** Compose checks the variables of all services, also of those that are not started here. */
function composeDefaults(env) {
  return {
    PUBLIC_URL: env.PUBLIC_URL || "http://localhost:3000",
    SMTP_URL: "smtp://inbox:3025",
    MAIL_FROM: "AshChat <no-reply@localhost>",
  };
}

async function fromPrograms({ wanted, env, dir, log, undo }) {
  const ports = {
    ...portsFrom(FIRST_PORT),
    smtp: Number(env.MAIL_SMTP_PORT || 3025),
    inbox: Number(env.MAIL_INBOX_PORT || 3080),
  };
  const services = openServices({ dir, ports, log });
  undo.push(async () => {
    for (const name of wanted.toReversed()) await services.stop(name);
  });
  await services.startAll(wanted);
  const server = wanted.includes("mongodb") ? `, ${services.state.facts.mongodbServer}` : "";
  return { env: services.environment(), from: `programs of this machine${server}` };
}
