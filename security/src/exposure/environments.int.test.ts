// @boundaries-ignore the commands own the starting of processes
import { READERS } from "../../../tools/stack.mjs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testEnv } from "@ashchat/runtime/testing";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";

const house = inject("house");
const servicesFile = join(testEnv("ASH_TEST_SERVICES_DIR"), "services.json");
/** `user:password` of each process, as the product's scripts gave them out. */
const LOGINS = Object.entries(
  z.object({ env: z.record(z.string(), z.string()) }).parse(JSON.parse(readFileSync(servicesFile, "utf8"))).env,
).filter(([name]) => name.endsWith("_LOGIN"));

/** What the kernel says that the process was started with, without what the test's own runner is told. */
function environmentOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, "utf8")
    .split("\0")
    .filter((line) => !line.startsWith("ASH_TEST_"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function loginIn(address: string | undefined): string | null {
  if (address === undefined) return null;
  const { username, password } = new URL(address);
  return `${username}:${password}`;
}

describe.each(Object.entries(house.pids))("the running process %s", (name, pid) => {
  const kind = name.replace(/-\d+$/u, "");
  const own = environmentOf(pid);
  const brokerLogin = `${kind.toUpperCase().replaceAll("-", "_")}_RABBITMQ_LOGIN`;

  it("signs in to the broker and to Redis as its own user with few rights", () => {
    const logins = new Map(LOGINS);
    expect(loginIn(own["RABBITMQ_URL"])).toBe(logins.get(brokerLogin) ?? null);
    expect(loginIn(own["REDIS_URL"])).toBe(logins.get("REDIS_LOGIN"));
  });

  it("knows no password and no secret that is another's", () => {
    const all = Object.values(own).join("\n");
    const passwords = LOGINS.filter(([login]) => login !== brokerLogin && login !== "REDIS_LOGIN").map(
      ([login, pair]) => [login, pair.split(":")[1] ?? ""] as const,
    );
    const owner = ["RABBITMQ_URL", "REDIS_URL"].map(
      (url) => [`owner of ${url}`, new URL(house.env[url] ?? "").password] as const,
    );
    const secrets = Object.keys(READERS)
      .filter((variable) => !READERS[variable]?.includes(kind) && house.env[variable] !== undefined)
      .map((variable) => [variable, house.env[variable] ?? ""] as const);
    const foreign = [...passwords, ...owner, ...secrets];
    expect(foreign.filter(([, secret]) => secret.length < 8)).toEqual([]);
    expect(foreign.filter(([, secret]) => all.includes(secret)).map(([what]) => what)).toEqual([]);
  });
});

it("every process was looked at, and every login is somebody's", () => {
  expect(Object.keys(house.pids).length).toBe(7);
  expect(LOGINS.length).toBe(6);
});
