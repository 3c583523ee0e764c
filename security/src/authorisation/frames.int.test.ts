import { clientFrameSchema, PROTOCOL_VERSION, type ClientFrame } from "@ashchat/contracts/realtime";
import { openClient, type Client } from "@ashchat/realtime/testing/client";
import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../house/bystanders";
import { openHouse, type OpenHouse } from "../house/open-house";
import { FRAME_RULES, SILENCE, type FrameRule } from "./frame-rules";
import { makeScene, noRoom, OUTSIDE, ROLES, type Role, type Scene } from "./scene";

let house: OpenHouse;
let seenFromOutside: Scene;

beforeAll(async () => {
  house = await openHouse();
  seenFromOutside = await makeScene(house);
});
afterAll(() => house.close());

const frameNames = clientFrameSchema.def.options.flatMap((option) => [...option.shape.t.def.values]);

it("every frame of a client has a rule, and every rule a frame", () => {
  expect(Object.keys(FRAME_RULES).toSorted()).toEqual(frameNames.toSorted());
});

/** What really became of each, to compare with the table as a whole. */
const answered: Partial<Record<ClientFrame["t"], Partial<FrameRule["outcomes"]>>> = {};

const cells = frameNames.flatMap((t) => ROLES.map((role) => ({ t, role })));

describe.each(cells)("$t, sent by $role", ({ t, role }) => {
  it("is answered by its rule, alike for a foreign room and one that does not exist, and reaches nobody in a foreign room", async () => {
    const scene = OUTSIDE.includes(role) ? seenFromOutside : await makeScene(house);
    const witness = await connect(house, scene.people.owner);
    const client = await socketOf(scene, role);
    const before = await scene.snapshot();
    const rule = FRAME_RULES[t];
    const outcome = await outcomeOf(client, rule.frame(scene.groupId));
    expect(outcome).toBe(rule.outcomes[role]);
    answered[t] = { ...answered[t], [role]: outcome };
    if (OUTSIDE.includes(role)) {
      const other = await socketOf(scene, role);
      expect(await outcomeOf(other, rule.frame(noRoom()))).toBe(outcome);
      // What the server had passed on before answering this would be here.
      witness.send({ t: "ping" });
      await witness.next("pong");
      const heard = witness.frames.filter((frame) => ["message", "typing", "receipts", "change"].includes(frame.t));
      expect(heard).toEqual([]);
      expect(await scene.snapshot()).toEqual(before);
      other.terminate();
    }
    for (const one of [client, witness]) one.terminate();
  });
});

it("every rule of the table was tried by every role", () => {
  const table = Object.entries(FRAME_RULES).map(([t, { outcomes }]) => [t, outcomes]);
  expect(answered).toEqual(Object.fromEntries(table));
});

/** As far as the role gets: a socket that is ready, or one whose first frame is the one under test. */
async function socketOf(scene: Scene, role: Role): Promise<Client> {
  if (role !== "anonymous" && role !== "revoked") return connect(house, scene.people[role]);
  const client = await openClient({ port: Number(new URL(house.realtimeUrl).port), origin: house.webUrl });
  if (role === "revoked") {
    client.send({ t: "auth", v: PROTOCOL_VERSION, ticket: await house.ticket(scene.people.revoked) });
    await client.closed();
  }
  return client;
}

async function outcomeOf(client: Client, frame: ClientFrame): Promise<number | string> {
  if (client.closeCode() !== null) return client.closeCode() ?? 0;
  const heard = client.frames.length;
  client.send(frame);
  // Answered in order: what has not come before the answer to this does not come. While a ticket is looked up nothing is heard.
  if (frame.t !== "ping" && frame.t !== "auth") client.send({ t: "ping" });
  return waitFor(() => {
    const closed = client.closeCode();
    if (closed !== null) return closed;
    const answers = client.frames
      .slice(heard)
      .filter((answer) => !["presence", "receipts", "typing"].includes(answer.t));
    const [answer] = answers.filter((one) => one.t !== "message" && (frame.t === "ping" || one.t !== "pong"));
    if (answer?.t === "error") return answer.code;
    if (answer !== undefined) return answer.t;
    const isAnswered = frame.t !== "resume" && frame.t !== "send" && answers.some((one) => one.t === "pong");
    return isAnswered ? SILENCE : null;
  });
}
