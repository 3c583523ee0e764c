import { afterEach, describe, expect, it } from "vitest";
import { startInternalServer, type InternalServer, type ReadyChecks } from "./internal-server";
import { createMetrics } from "./metrics";

let server: InternalServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function get(path: string, checks: ReadyChecks = {}) {
  const metrics = createMetrics({ process: "test", defaults: false });
  metrics.counter("things_total", "Things", ["kind"]).inc({ kind: "good" });
  server = await startInternalServer({
    name: "test",
    host: "127.0.0.1",
    port: 0,
    metrics,
    checks: () => checks,
    checkTimeoutMs: 50,
  });
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { status: response.status, body: await response.text() };
}

describe("the internal server", () => {
  it("is alive with its name, version and commit", async () => {
    const { status, body } = await get("/healthz");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ status: "alive", name: "test", version: "0", commit: "unknown" });
  });

  it("is ready when every dependency is, each with its server's name", async () => {
    const { status, body } = await get("/readyz", { redis: async () => ({ ok: true, detail: "Redis 7" }) });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      status: "ready",
      dependencies: { redis: { ok: true, detail: "Redis 7" } },
    });
  });

  it("says which dependency is down, late or broken and answers 503", async () => {
    const { status, body } = await get("/readyz", {
      good: async () => ({ ok: true, detail: "here" }),
      down: async () => ({ ok: false, detail: "not connected" }),
      late: () => new Promise(() => undefined),
      broken: async () => {
        throw new Error("boom");
      },
    });
    expect(status).toBe(503);
    const { dependencies } = JSON.parse(body);
    expect(dependencies.good.ok).toBe(true);
    expect(dependencies.down).toEqual({ ok: false, detail: "not connected" });
    expect(dependencies.late).toEqual({ ok: false, detail: "late took longer than 50 ms" });
    expect(dependencies.broken).toEqual({ ok: false, detail: "boom" });
  });

  it("shows its metrics with the process's name", async () => {
    const { body } = await get("/metrics");
    expect(body).toContain('ashchat_things_total{kind="good",process="test"} 1');
  });

  it("knows nothing else", async () => {
    expect((await get("/etc/passwd")).status).toBe(404);
  });
});
