import { serverFrameSchema, type ServerFrame } from "@ashchat/contracts/realtime";
import type { Client } from "@ashchat/realtime/testing/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../house/bystanders";
import { openHouse, type OpenHouse } from "../house/open-house";
import { LIVE_RULES } from "./live-rules";
import { makeScene } from "./scene";

let house: OpenHouse;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const names = serverFrameSchema.def.options.flatMap((option) => [...option.shape.t.def.values]);

it("every frame of the server has a rule, and every rule a frame", () => {
  expect(Object.keys(LIVE_RULES).toSorted()).toEqual(names.toSorted());
});

const toMembers = names.filter((t) => LIVE_RULES[t] !== "asker");

describe.each(toMembers)("what makes the server send %s", (t) => {
  it("is heard by the members at every process, and neither by a stranger nor by who was removed", async () => {
    const act = LIVE_RULES[t];
    if (act === "asker") throw new Error("nobody makes the server send it");
    const scene = await makeScene(house);
    const { owner, member, removed, stranger } = scene.people;
    const acting = await connect(house, member);
    const members = await atEveryProcess(owner);
    const outside = [...(await atEveryProcess(removed)), ...(await atEveryProcess(stranger))];
    for (const client of outside) {
      expect((await client.ready()).rooms.map(({ roomId }) => roomId)).not.toContain(scene.groupId);
      client.frames.length = 0;
    }
    await act({ house, scene, socket: acting });
    // What is sent at a process is sent to all there in one turn: who has not heard it before the answer to this does not.
    for (const client of members) await client.next(t, (frame) => isOf(frame, member.userId, scene.groupId));
    for (const client of outside) {
      client.send({ t: "ping" });
      await client.next("pong");
      expect(client.frames.filter((frame) => frame.t !== "pong")).toEqual([]);
    }
    for (const client of [acting, ...members, ...outside]) client.terminate();
  });
});

function atEveryProcess(person: Parameters<typeof connect>[1]): Promise<Client[]> {
  const urls = [house.realtimeUrl, house.quietRealtimeUrl];
  return Promise.all(urls.map((realtimeUrl) => connect({ ...house, realtimeUrl }, person)));
}

/** About the member or the room, not about oneself. */
function isOf(frame: ServerFrame, userId: string, roomId: string): boolean {
  if (frame.t === "presence") return frame.presence.userId === userId && !frame.presence.online;
  if (frame.t === "profile") return frame.profile.userId === userId;
  return "roomId" in frame && frame.roomId === roomId;
}
