import type { Cursor } from "@ashchat/contracts/message";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import { createAudit } from "./audit";
import { failTest, someone } from "./testing/factories";
import { simulateHouse } from "./testing/simulated-house";

it("P4: what was written and not announced while heads were being read is found as soon as Redis is back", async () => {
  const house = simulateHouse();
  const roomId = house.addRoom(someone());
  await house.rooms.openAll([roomId]);
  const room = house.rooms.get(roomId);
  let stored: Cursor = { seq: 0, changeSeq: 0 };
  let answer = (): void => undefined;
  const audit = createAudit({
    rooms: () => house.rooms.all(),
    messages: {
      async heads() {
        const heads = new Map([[roomId, stored]]);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return ok(heads);
      },
    },
    announcer: house.hub.announcer,
    limits: LIMITS,
    onError: failTest,
    now: () => house.state.now,
  });
  const pass = async (ms: number) => {
    house.state.now += ms;
    audit.tick();
    await house.turns();
  };
  audit.broken();
  await pass(1_000);
  stored = { seq: 1, changeSeq: 0 };
  house.state.now += 10;
  audit.restored();
  house.state.now += 10;
  answer();
  await house.turns();
  expect(room?.feed.isBehind).toBe(false);
  await pass(250);
  answer();
  await house.turns();
  expect(room?.feed.isBehind).toBe(true);
});
