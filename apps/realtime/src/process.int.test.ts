import { newClientId } from "@ashchat/contracts/ids";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { must, startHarness, type Harness, type TestNode } from "./testing/harness";
import { deleteQueues, spawnNode, type SpawnedNode } from "./testing/spawned-node";

let house: Harness;
let other: TestNode;
const spawned: SpawnedNode[] = [];

beforeAll(async () => {
  house = await startHarness();
  other = await house.startNode();
});
afterEach(async () => {
  for (const node of spawned.splice(0)) {
    node.kill("SIGKILL");
    await node.ended();
  }
});
afterAll(async () => {
  await house.close();
  await deleteQueues(house.namespace);
});

async function spawnOne(crashAt?: string): Promise<SpawnedNode> {
  const { namespace, database } = house;
  const node = await spawnNode({ namespace, mongodbUrl: database.url, ...(crashAt === undefined ? {} : { crashAt }) });
  spawned.push(node);
  return node;
}

describe("the process", () => {
  it("serves sockets, names its dependencies in /readyz, counts in /metrics, and ends in order on SIGTERM", async () => {
    const node = await spawnOne();
    const [ana, ben] = [await house.person("es"), await house.person("en")];
    const roomId = await house.direct(ana, ben);
    const [here, there] = [await house.connect(node, ana), await house.connect(other, ben)];
    here.say(roomId, "¿Dónde está la biblioteca, por favor?");
    expect((await there.next("message")).message).toMatchObject({ seq: 1, language: "es" });

    const internal = `http://127.0.0.1:${node.internalPort}`;
    const ready: unknown = await (await fetch(`${internal}/readyz`)).json();
    const healthy = { ok: true, detail: expect.stringMatching(/\d+\.\d+/) };
    expect(ready).toMatchObject({
      status: "ready",
      dependencies: { mongodb: healthy, redis: healthy, rabbitmq: healthy },
    });
    await expect
      .poll(async () => await (await fetch(`${internal}/metrics`)).text())
      .toMatch(/ashchat_realtime_frames_in_total\{.*kind="send".*\} 1/);

    node.kill("SIGTERM");
    expect(await here.closed()).toBe(CLOSE_CODES.goingAway);
    expect(here.all("reconnect")).toHaveLength(1);
    expect(await node.ended()).toBe(0);
    const logged = JSON.stringify(node.log);
    expect(logged).not.toContain("biblioteca");
    for (const variable of ["ASH_TEST_REDIS_URL", "ASH_TEST_RABBITMQ_URL"] as const) {
      const { password } = new URL(process.env[variable] ?? "");
      expect(logged).not.toContain(password);
    }
  });

  it.each([
    ["send.before_insert", 0],
    ["send.after_insert", 1],
    ["send.after_announce", 1],
  ])(
    "killed at %s acknowledged nothing; the same client id on another node gives exactly one message",
    async (step, kept) => {
      const node = await spawnOne(step);
      const [ana, ben] = [await house.person(), await house.person()];
      const roomId = await house.direct(ana, ben);
      const [writer, reader] = [await house.connect(node, ana), await house.connect(other, ben)];
      const clientId = newClientId();
      writer.say(roomId, "survives", clientId);
      expect(await node.ended()).toBe("SIGKILL");
      await writer.closed();
      expect(writer.all("ack")).toEqual([]);
      expect(must(await house.database.stores.messages.heads([roomId])).get(roomId)?.seq ?? 0).toBe(kept);

      const again = await house.connect(other, ana);
      again.say(roomId, "survives", clientId);
      expect(await again.next("ack")).toMatchObject({ clientId, seq: 1 });
      again.say(roomId, "next");
      await reader.next("message", ({ message }) => message.text === "next");
      expect(reader.seqs(roomId)).toEqual([1, 2]);
      const page = must(
        await house.database.stores.messages.page({ roomId, after: 0, before: null, limit: 10, newest: false }),
      );
      expect(page.map((message) => message.text)).toEqual(["survives", "next"]);
    },
  );
});
