import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { realtimeEnvSchema, webEnvSchema } from "@ashchat/runtime/processes";
import { testEnv } from "@ashchat/runtime/testing";
import { expect, inject, it } from "vitest";
import * as z from "zod";
import { isLoopback, listenersOf } from "./listeners";

const recordSchema = z.object({ pid: z.number() });
const servicesSchema = z.object({ records: z.record(z.string(), z.record(z.string(), recordSchema)) });
const house = inject("house");
const LOOPBACK = "127.0.0.1";

/** Of every server that the product's own scripts started for this run. */
function serverPids(): number[] {
  const file = join(testEnv("ASH_TEST_SERVICES_DIR"), "services.json");
  const { records } = servicesSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return Object.values(records).flatMap((parts) => Object.values(parts).map(({ pid }) => pid));
}

const portOf = (url: string) => Number(new URL(url).port);

it("only web and realtime listen beyond the loopback address, and only where they are told to", () => {
  const listeners = listenersOf([...Object.values(house.pids), ...serverPids()]);
  const beyond = listeners.filter((listener) => !isLoopback(listener));
  const allowed = new Set([house.webUrl, house.realtimeUrl, house.quietRealtimeUrl].map(portOf));
  expect(new Set(beyond.map(({ port }) => port))).toEqual(allowed);
  const { WEB_HOST, REALTIME_HOST } = house.env;
  expect([WEB_HOST, REALTIME_HOST]).toEqual(["0.0.0.0", "0.0.0.0"]);
  // Every process was looked at: each has its internal port, each server at least one.
  const internal = Object.values(house.internalUrls).map(portOf);
  expect(listeners.map(({ port }) => port)).toEqual(expect.arrayContaining(internal));
  for (const pid of Object.values(house.pids)) expect(listeners.map((listener) => listener.pid)).toContain(pid);
  expect(listeners.length).toBeGreaterThanOrEqual(internal.length + 6);
});

it("without being told, nothing listens beyond the loopback address", () => {
  const example = readFileSync(join(import.meta.dirname, "../../../.env.example"), "utf8");
  for (const name of ["WEB_HOST", "REALTIME_HOST", "INTERNAL_HOST"]) expect(example).toContain(`\n${name}=127.0.0.1\n`);
  // Nor where the variables are left out, which an example alone says nothing about.
  const { WEB_HOST: _web, REALTIME_HOST: _realtime, INTERNAL_HOST: _internal, ...untold } = house.env;
  expect(realtimeEnvSchema.parse(untold)).toMatchObject({ REALTIME_HOST: LOOPBACK, INTERNAL_HOST: LOOPBACK });
  expect(webEnvSchema.parse(untold)).toMatchObject({ WEB_HOST: LOOPBACK, INTERNAL_HOST: LOOPBACK });
});

it.each(["0.0.0.0", "::"])("a listener on %s is found", async (host) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const found = listenersOf([process.pid]).filter((listener) => listener.port === port);
  server.close();
  expect(found.map(isLoopback)).toEqual([false]);
});

it("helpers that end while they are looked at are no error, a process that was asked for is", async () => {
  const forking = spawn("sh", ["-c", "while :; do /bin/true; done"], { stdio: "ignore" });
  const ended = once(forking, "exit");
  for (let look = 0; look < 300; look += 1) expect(() => listenersOf([process.pid])).not.toThrow();
  forking.kill("SIGKILL");
  await ended;
  expect(() => listenersOf([forking.pid ?? 0])).toThrow("ENOENT");
});
