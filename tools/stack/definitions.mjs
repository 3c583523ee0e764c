/** Our own processes: how each is started, built and in development, and which variables only it gets. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serverVariables } from "./logins.mjs";

export const ROOT = join(import.meta.dirname, "..", "..");

const STANDALONE = join(ROOT, "apps", "web", ".next", "standalone", "apps", "web");
const WORKERS = ["email-verification", "translation", "profiles", "jobs"];

/** The processes in the order of their internal ports. */
export const PROCESS_NAMES = ["web", "realtime", ...WORKERS];

/** The ports of `.env`, or the usual ones. */
export function portsOf(env = {}) {
  const number = (name, fallback) => Number(env[name] || fallback);
  return {
    web: number("WEB_PORT", 3000),
    realtime: [number("REALTIME_PORT", 3001)],
    internal: Object.fromEntries(
      PROCESS_NAMES.map((name, index) => [name, number(internalVariable(name), 3100 + index)]),
    ),
  };
}

/** How many ports in a row `portsFromBase` uses for a number of realtime processes. */
export function stackPortCount(realtimeCount = 1) {
  return 1 + 2 * realtimeCount + WORKERS.length + 1;
}

/** Ports in a row from `base`: web, the realtime processes, then the internal ones. */
export function portsFromBase(base, realtimeCount = 1) {
  const names = ["web", ...realtimeNames(realtimeCount), ...WORKERS];
  const internal = Object.fromEntries(names.map((name, index) => [name, base + 1 + realtimeCount + index]));
  return { web: base, realtime: Array.from({ length: realtimeCount }, (_, index) => base + 1 + index), internal };
}

/** `realtime`, `realtime-2`, `realtime-3` … */
function realtimeNames(count) {
  return Array.from({ length: count }, (_, index) => (index === 0 ? "realtime" : `realtime-${index + 1}`));
}

/** What each wanted process needs: command, variables, ports that must be free, and its readiness address. */
export function defineProcesses({ env, ports, realtimeCount = 1, processes = PROCESS_NAMES, mode = "built" }) {
  const host = env.INTERNAL_HOST || "127.0.0.1";
  const define = (name, { kind = name, own = {}, publicPort }) => ({
    name,
    ...COMMANDS[mode](kind, ports),
    env: { ...own, ...serverVariables(kind, env), [internalVariable(kind)]: String(ports.internal[name]) },
    ports: [publicPort, ports.internal[name]].filter(Boolean),
    internalUrl: `http://${host}:${ports.internal[name]}`,
  });
  const wanted = [];
  if (processes.includes("web")) {
    // Next's own server reads PORT and HOSTNAME, and sets NODE_ENV to production whatever the installation is.
    const own = {
      ASHCHAT_ENV: env.NODE_ENV || "development",
      WEB_PORT: String(ports.web),
      PORT: String(ports.web),
      HOSTNAME: env.WEB_HOST || "127.0.0.1",
      NEXT_TELEMETRY_DISABLED: "1",
    };
    wanted.push(define("web", { own, publicPort: ports.web }));
  }
  if (processes.includes("realtime")) {
    realtimeNames(realtimeCount).forEach((name, index) => {
      const publicPort = ports.realtime[index];
      wanted.push(define(name, { kind: "realtime", own: { REALTIME_PORT: String(publicPort) }, publicPort }));
    });
  }
  for (const name of WORKERS) if (processes.includes(name)) wanted.push(define(name, {}));
  return wanted;
}

/** The built file of a worker or of one of the workers' commands, such as `migrate`. */
export function builtWorker(name) {
  return join(ROOT, "apps", "workers", "dist", `${name}.js`);
}

const COMMANDS = {
  built(kind) {
    if (kind === "web") return { args: [join(STANDALONE, "server.js")], cwd: STANDALONE };
    const file = kind === "realtime" ? join(ROOT, "apps", "realtime", "dist", "main.js") : builtWorker(kind);
    return { args: ["--enable-source-maps", file], cwd: ROOT };
  },
  watch(kind, ports) {
    if (kind === "web") {
      const args = [installed("apps/web", "next/dist/bin/next"), "dev", "--turbopack", "-p", String(ports.web)];
      return { args, cwd: join(ROOT, "apps", "web") };
    }
    const app = kind === "realtime" ? "realtime" : "workers";
    const entry = kind === "realtime" ? "src/main.ts" : `src/${kind}/main.ts`;
    return {
      args: [installed(`apps/${app}`, "tsx/dist/cli.mjs"), "watch", "--clear-screen=false", entry],
      cwd: join(ROOT, "apps", app),
    };
  },
};

/** A file of a package, in the workspace's own node_modules or in the shared one. */
export function installed(workspace, file) {
  const own = join(ROOT, workspace, "node_modules", file);
  return existsSync(own) ? own : join(ROOT, "node_modules", file);
}

/** EMAIL_VERIFICATION_INTERNAL_PORT and so on. */
function internalVariable(kind) {
  return `${kind.toUpperCase().replaceAll("-", "_")}_INTERNAL_PORT`;
}
