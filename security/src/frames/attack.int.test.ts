import type { RoomId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import type { Client } from "@ashchat/realtime/testing/client";
import { ORIGIN, startHarness, type Harness, type TestNode } from "@ashchat/realtime/testing/harness";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attackFrames } from "./attack";
import { FAMILY_COUNT, wireFrame } from "./cases";

/** Printed by a failure; the same seed gives the same bytes. */
const SEED = 20_260_401;
const CASES = 2_000;
const SIGNED_IN_CASES = 300;
const BYSTANDER_DEADLINE_MS = 1_000;
const BYSTANDER_PAUSE_MS = 100;
/** All come from one address, as an attacker's would at worst. */
const ROOM_FOR_ALL = { connectionsPerAddressMax: 100_000, connectionsPerUserMax: 100_000 };

let harness: Harness;
let node: TestNode;

beforeAll(async () => {
  harness = await startHarness();
  node = await harness.startNode({ limits: ROOM_FOR_ALL });
});

afterAll(async () => {
  await harness.close();
});

it("hostile bytes before the ticket disturb nobody and end no process", async () => {
  const bystanders = await startBystanders();
  const report = await attackFrames({ port: node.port, path: "/realtime", origin: ORIGIN, cases: CASES, seed: SEED });
  expect(await bystanders.stop()).toBeLessThan(BYSTANDER_DEADLINE_MS);
  expect(report).toMatchObject({ written: CASES, refused: 0, families: FAMILY_COUNT });
});

it("hostile bytes of somebody who is signed in disturb nobody and end no process", async () => {
  const bystanders = await startBystanders();
  const attacker = await harness.person();
  const report = await attackFrames({
    port: node.port,
    path: "/realtime",
    origin: ORIGIN,
    cases: SIGNED_IN_CASES,
    seed: SEED + 1,
    preamble: async () => {
      const auth = JSON.stringify({ t: "auth", v: PROTOCOL_VERSION, ticket: await harness.ticket(attacker) });
      return wireFrame({ opcode: 1, payload: Buffer.from(auth) });
    },
  });
  expect(await bystanders.stop()).toBeLessThan(BYSTANDER_DEADLINE_MS);
  expect(report.written).toBe(SIGNED_IN_CASES);
});

/** Two people who talk to each other all the while. `stop` returns the longest time that a message took to arrive. */
async function startBystanders(): Promise<{ stop(): Promise<number> }> {
  const [ana, ben] = [await harness.person(), await harness.person()];
  const roomId = await harness.direct(ana, ben);
  const [writer, reader] = [await harness.connect(node, ana), await harness.connect(node, ben)];
  let isRunning = true;
  const talking = talk({ writer, reader, roomId, goesOn: () => isRunning });
  return {
    async stop() {
      isRunning = false;
      const { slowestMs, messages } = await talking;
      expect(messages).toBeGreaterThan(0);
      return slowestMs;
    },
  };
}

interface Talk {
  writer: Client;
  reader: Client;
  roomId: RoomId;
  goesOn: () => boolean;
}

async function talk({ writer, reader, roomId, goesOn }: Talk): Promise<{ slowestMs: number; messages: number }> {
  let slowestMs = 0;
  let messages = 0;
  do {
    const startedAt = performance.now();
    const clientId = writer.say(roomId, `message ${messages}`);
    await reader.next("message", (frame) => frame.message.clientId === clientId);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    messages += 1;
    await new Promise((resolve) => setTimeout(resolve, BYSTANDER_PAUSE_MS));
  } while (goesOn());
  return { slowestMs, messages };
}
