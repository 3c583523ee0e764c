import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messagingBench, type MessagingBench } from "@ashchat/messaging/testing";
import { testEnv } from "@ashchat/runtime/testing";
import { connect, type Channel } from "amqplib";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";

/** What each process needs: the queues that it works off, and where it publishes. */
const NEEDS = {
  web: { reads: [], writes: ["work"] },
  realtime: { reads: [], writes: ["work"] },
  "email-verification": { reads: ["ACCOUNT_CREATION_QUEUE", "CONFIRM_EMAIL_CODE_QUEUE"], writes: ["dead", "default"] },
  translation: { reads: ["TRANSLATION_QUEUE"], writes: ["dead", "default", "work"] },
  profiles: { reads: ["PROFILE_CREATION_QUEUE"], writes: ["dead", "default"] },
} as const;
type Process = keyof typeof NEEDS;
const PROCESSES = Object.keys(NEEDS) as Process[];
const REFUSED = /ACCESS.REFUSED/u;

let bench: MessagingBench;
beforeAll(async () => {
  bench = messagingBench();
  await bench.open();
});
afterAll(async () => bench.close());

/** As the product's scripts gave it out. */
function environment(): Record<string, string> {
  const file = join(testEnv("ASH_TEST_SERVICES_DIR"), "services.json");
  return z.object({ env: z.record(z.string(), z.string()) }).parse(JSON.parse(readFileSync(file, "utf8"))).env;
}

function withLogin(address: string, login: string | undefined): string {
  const url = new URL(address);
  [url.username = "", url.password = ""] = (login ?? "").split(":");
  return url.href;
}

const brokerUrl = (process: Process) =>
  withLogin(bench.url, environment()[`${process.toUpperCase().replaceAll("-", "_")}_RABBITMQ_LOGIN`]);

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error("no error was thrown", { cause });
}

/** Whether the broker let this user do it. */
async function may(process: Process, act: (channel: Channel) => Promise<unknown>): Promise<boolean> {
  const model = await connect(brokerUrl(process));
  model.on("error", () => undefined);
  try {
    const channel = await model.createConfirmChannel();
    let refusal: Error | null = null;
    channel.on("error", (error) => (refusal = errorOf(error)));
    try {
      await act(channel);
      await channel.waitForConfirms();
    } catch (error) {
      refusal ??= errorOf(error);
    }
    if (refusal !== null && !REFUSED.test(refusal.message)) throw refusal;
    return refusal === null;
  } finally {
    await model.close().catch(() => undefined);
  }
}

describe("on the broker", () => {
  it.each(PROCESSES)("%s reads its own queues and nobody else's", async (process) => {
    for (const { queue, name, deadName, retries } of Object.values(bench.topology.queues)) {
      const mayRead = await may(process, (channel) => channel.get(name, { noAck: true }));
      expect({ queue, mayRead }).toEqual({
        queue,
        mayRead: (NEEDS[process].reads as readonly string[]).includes(queue),
      });
      for (const aside of [deadName, ...retries.slice(0, 1).map((retry) => retry.name)])
        expect(await may(process, (channel) => channel.get(aside, { noAck: true }))).toBe(false);
    }
    expect(await may(process, (channel) => channel.get(bench.topology.unroutedName))).toBe(false);
  });

  it.each(PROCESSES)("%s publishes where its jobs go and nowhere else", async (process) => {
    const { workExchange, deadExchange, unroutedExchange } = bench.topology;
    const exchanges = {
      work: workExchange,
      dead: deadExchange,
      default: "",
      unrouted: unroutedExchange,
      "amq.direct": "amq.direct",
    };
    const allowed: string[] = [];
    for (const [name, exchange] of Object.entries(exchanges)) {
      const publishes = async (channel: Channel) => void channel.publish(exchange, "nobody", Buffer.from("{}"));
      if (await may(process, publishes)) allowed.push(name);
    }
    expect(allowed.toSorted()).toEqual([...NEEDS[process].writes].toSorted());
  });

  it.each(PROCESSES)("%s makes, binds, empties and deletes nothing", async (process) => {
    const { workExchange, queues } = bench.topology;
    const { name } = queues.TRANSLATION_QUEUE;
    const acts: Record<string, (channel: Channel) => Promise<unknown>> = {
      "declares a queue": (channel) => channel.assertQueue("of-my-own"),
      "declares an exchange": (channel) => channel.assertExchange("of-my-own", "fanout"),
      "deletes a queue": (channel) => channel.deleteQueue(name),
      "deletes an exchange": (channel) => channel.deleteExchange(workExchange),
      "binds a queue": (channel) => channel.bindQueue(name, workExchange, "#"),
    };
    for (const [what, act] of Object.entries(acts))
      expect({ what, done: await may(process, act) }).toEqual({ what, done: false });
  });

  it("every process has a user of its own, and there is no guest", async () => {
    const users = PROCESSES.map((process) => new URL(brokerUrl(process)).username);
    expect(new Set(users).size).toBe(PROCESSES.length);
    await expect(connect(withLogin(bench.url, "guest:guest"))).rejects.toThrow(REFUSED);
    await expect(connect(withLogin(bench.url, `${users[0]}:wrong`))).rejects.toThrow(REFUSED);
  });
});

describe("in Redis", () => {
  const clientFor = (login: string | undefined) => {
    const url = withLogin(testEnv("ASH_TEST_REDIS_URL"), login);
    const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null, enableReadyCheck: false });
    client.on("error", () => undefined);
    return client;
  };

  it("the processes' user can neither configure, empty, stop nor overhear the server", async () => {
    const client = clientFor(environment()["REDIS_LOGIN"]);
    expect(await client.set("rights:canary", "1", "PX", 1_000)).toBe("OK");
    for (const command of [
      ["FLUSHALL"],
      ["FLUSHDB"],
      ["CONFIG", "SET", "dir", "/tmp"],
      ["CONFIG", "GET", "requirepass"],
      ["SHUTDOWN", "NOSAVE"],
      ["KEYS", "*"],
      ["MONITOR"],
      ["ACL", "LIST"],
      ["REPLICAOF", "127.0.0.1", "1"],
      ["MODULE", "LIST"],
      ["SAVE"],
      ["CLIENT", "KILL", "TYPE", "normal"],
    ]) {
      const [name = "", ...args] = command;
      await expect(client.call(name, ...args), name).rejects.toThrow(/NOPERM/u);
    }
    client.disconnect();
  });

  it("nobody is let in without a password or with a wrong one", async () => {
    for (const login of [":", "ashchat:wrong", "default:wrong"]) {
      const client = clientFor(login);
      await expect(client.get("x")).rejects.toThrow(/NOAUTH|WRONGPASS|Connection is closed|max retries/iu);
      client.disconnect();
    }
  });
});
