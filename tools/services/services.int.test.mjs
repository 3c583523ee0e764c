import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../stack/definitions.mjs";
import { openServices } from "./index.mjs";
import { SERVICE_PORTS, findFreePorts } from "./ports.mjs";
import { becomesTrue } from "./process.mjs";

const from = (workspace, name) => createRequire(join(ROOT, workspace, "package.json"))(name);
const REGISTERED_MS = 10_000;
const WRITERS = 8;
const WRITES = 400;
const NAMES = ["mongodb", "redis", "rabbitmq"];

let dir;
let services;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "ashchat-services-"));
  services = openServices({ dir, basePort: await findFreePorts({ count: SERVICE_PORTS }), log: () => {} });
  await services.startAll(NAMES);
});
afterAll(async () => {
  for (const name of NAMES) await services.stop(name);
  rmSync(dir, { recursive: true });
});

async function crash(name) {
  await services.kill(name);
  expect(services.alive(name)).toBe(false);
  await services.startAll([name]);
}

test("every write that MongoDB acknowledged outlives its SIGKILL", async () => {
  const { MongoClient } = from("packages/db", "mongoose").mongo;
  const url = services.environment().MONGODB_URL;
  const options = { writeConcern: { w: "majority", j: true }, serverSelectionTimeoutMS: 5000, retryWrites: false };
  const client = new MongoClient(url, options);
  const acknowledged = [];
  let restarted;
  const crashOnce = () => (restarted ??= crash("mongodb"));
  const writer = async (number) => {
    for (let count = 0; restarted === undefined; count += 1) {
      const _id = `${number}-${count}`;
      try {
        await client.db("durable").collection("writes").insertOne({ _id });
        acknowledged.push(_id);
      } catch (cause) {
        if (restarted === undefined) throw cause; // later ones have an unknown fate
      }
      if (acknowledged.length === WRITES) void crashOnce();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  await crashOnce();
  await client.close();
  const again = new MongoClient(url, options);
  const stored = await again.db("durable").collection("writes").distinct("_id");
  await again.close();
  expect(acknowledged.length).toBeGreaterThanOrEqual(WRITES);
  expect(acknowledged.filter((_id) => !stored.includes(_id))).toEqual([]);
});

test("what Redis has answered outlives its SIGKILL, and nobody gets in without the password", async () => {
  const { Redis } = from("packages/redis", "ioredis");
  const url = services.environment().REDIS_URL;
  const before = new Redis(url);
  await before.set("kept", "yes", "EX", 600);
  before.disconnect();
  await crash("redis");
  const after = new Redis(url);
  expect(await after.get("kept")).toBe("yes");
  expect(await after.ttl("kept")).toBeGreaterThan(500);
  after.disconnect();
  const stranger = new Redis(url.replace(/\/\/:[^@]*@/, "//"), { maxRetriesPerRequest: 0, retryStrategy: () => null });
  stranger.on("error", () => {}); // the refusal also arrives as an event
  await expect(stranger.get("kept")).rejects.toThrow(/NOAUTH/);
  stranger.disconnect();
});

/**
 * RabbitMQ 3.10 writes down which quorum queues it has some time after their declaration. A queue that was declared
 * just before a SIGKILL stays without a leader for ever, whatever was confirmed.
 */
async function waitUntilRegistered(queue) {
  const file = join(dir, "rabbitmq", "mnesia", "ashchat@localhost", "quorum", "ashchat@localhost", "names.dets");
  expect(await becomesTrue(() => readFileSync(file).includes(`ashchat_${queue}`), REGISTERED_MS)).toBe(true);
}

test("a message that RabbitMQ confirmed outlives its SIGKILL, and there is no guest", async () => {
  const amqplib = from("packages/messaging", "amqplib");
  const url = services.environment().RABBITMQ_URL;
  const before = await amqplib.connect(url);
  before.on("error", () => {}); // the broker is about to be killed
  const channel = await before.createConfirmChannel();
  channel.on("error", () => {});
  await channel.assertQueue("kept", { durable: true, arguments: { "x-queue-type": "quorum" } });
  channel.sendToQueue("kept", Buffer.from("yes"), { persistent: true });
  await channel.waitForConfirms();
  await waitUntilRegistered("kept");
  await crash("rabbitmq");
  const after = await amqplib.connect(url);
  const found = await (await after.createChannel()).get("kept", { noAck: true });
  expect(found && found.content.toString()).toBe("yes");
  await after.close();
  await expect(amqplib.connect(url.replace(/\/\/[^@]*@/, "//guest:guest@"))).rejects.toThrow(/ACCESS.REFUSED/i);
});
