import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "./metrics";
import { withTimeout } from "./timeout";

/** What a dependency says of itself; `detail` names the server and its version, or what is wrong. */
export interface Readiness {
  readonly ok: boolean;
  readonly detail: string;
}
export type ReadyCheck = () => Promise<Readiness>;
export type ReadyChecks = Readonly<Record<string, ReadyCheck>>;

export interface InternalServerOptions {
  readonly name: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly metrics: Metrics;
  /** One entry per dependency; read at every request, so that a process may fill it while it starts. */
  readonly checks: () => ReadyChecks;
  readonly version?: string;
  readonly commit?: string;
  readonly checkTimeoutMs?: number;
}

export interface InternalServer {
  readonly port: number;
  close(): Promise<void>;
}

const CHECK_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;
const HEADERS_MAX = 50;
const OK = 200;
const NOT_FOUND = 404;
const NOT_READY = 503;
const FAILED = 500;

/** `/healthz` (the process lives), `/readyz` (it can work: 200 or 503, one entry per dependency), `/metrics`. */
export async function startInternalServer(options: InternalServerOptions): Promise<InternalServer> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (req, res) => {
      answer(options, req, res).catch((error: unknown) => {
        sendJson(res, FAILED, { error: error instanceof Error ? error.name : "error" });
      });
    },
  );
  server.maxHeadersCount = HEADERS_MAX;
  await listen(server, options);
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

/** Asks every dependency at once, each with its own deadline. */
export async function readDependencies(
  checks: ReadyChecks,
  timeoutMs: number = CHECK_TIMEOUT_MS,
): Promise<Record<string, Readiness>> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await readOne(name, check, timeoutMs)] as const),
  );
  return Object.fromEntries(entries);
}

async function readOne(name: string, check: ReadyCheck, timeoutMs: number): Promise<Readiness> {
  try {
    const { ok, detail } = await withTimeout(check(), timeoutMs, name);
    return { ok, detail };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : "failed" };
  }
}

async function answer(options: InternalServerOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { name, version = "0", commit = "unknown" } = options;
  const path = (req.url ?? "").split("?")[0];
  if (req.method === "GET" && path === "/healthz") return sendJson(res, OK, { status: "alive", name, version, commit });
  if (req.method === "GET" && path === "/readyz") {
    const dependencies = await readDependencies(options.checks(), options.checkTimeoutMs);
    const ready = Object.values(dependencies).every(({ ok }) => ok);
    return sendJson(res, ready ? OK : NOT_READY, {
      status: ready ? "ready" : "not_ready",
      name,
      version,
      commit,
      dependencies,
    });
  }
  if (req.method === "GET" && path === "/metrics") {
    const { contentType, body } = await options.metrics.render();
    res.writeHead(OK, { "content-type": contentType }).end(body);
    return;
  }
  sendJson(res, NOT_FOUND, { error: "not_found" });
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  if (res.headersSent) return;
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(value));
}

function listen(server: Server, { host, port }: InternalServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
