import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crashPointFrom } from "@ashchat/runtime/crash-at";
import { parseEnv } from "@ashchat/runtime/env";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { webEnvSchema } from "@ashchat/runtime/processes";
import { openServices } from "../services";
import { route } from "./route";

/** A process with the routes of the web process, without Next: made to be killed at a step by CRASH_AT. */
const env = parseEnv(webEnvSchema);
const log = createLogger({ name: "web", level: env.LOG_LEVEL });
const metrics = createMetrics({ process: "web", defaults: false });
process.env["NEXTAUTH_URL"] = env.PUBLIC_URL;
const services = await openServices({ env, log, metrics, crash: crashPointFrom(env) });

const server = createServer((req, res) => {
  void answer(req, res);
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  log.info({ port }, "started");
});

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  const { method = "GET", url = "/" } = req;
  const headers = Object.entries(req.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const body = method === "GET" ? null : Buffer.concat(parts);
  const response = await route(services, new Request(new URL(url, env.PUBLIC_URL), { method, headers, body }));
  res.writeHead(response.status, [...response.headers].flat());
  res.end(Buffer.from(await response.arrayBuffer()));
}
