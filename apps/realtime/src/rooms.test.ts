import { LIMITS } from "@ashchat/contracts/limits";
import { expect, it } from "vitest";
import { createAudienceLoader } from "./audience-loader";
import { Rooms } from "./rooms";
import { failTest, someRoom } from "./testing/factories";

it("a fault under the opening of several rooms answers everybody, ends no process and leaves no room followed", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  const roomIds = [someRoom(), someRoom(), someRoom()];
  const followed = new Set<string>();
  const reported: unknown[] = [];
  const mistake = new TypeError("mistake");
  const broken = async () => Promise.reject(mistake);
  const never = () => failTest(null, "not asked for");
  const unused = async () => never();
  const rooms = new Rooms({
    loader: createAudienceLoader(
      {
        rooms: { findMany: unused },
        memberships: { listByRooms: unused },
        profiles: { findMany: unused },
      },
      failTest,
    ),
    log: { headsOf: broken, messagesAfter: broken, changesAfter: broken },
    rooms: { find: broken },
    live: { watchRoom: async (roomId) => void followed.add(roomId), unwatchRoom: (roomId) => followed.delete(roomId) },
    hasReaders: () => false,
    limits: LIMITS,
    now: Date.now,
    later: () => () => undefined,
    onError: (error) => void reported.push(error),
    events: { message: never, change: never, jump: never, audience: never },
  });
  expect(await rooms.openAll(roomIds)).toMatchObject({ ok: false, error: { code: "internal" } });
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
  expect(reported).toEqual(roomIds.map(() => mistake));
  expect([...followed]).toEqual([]);
  expect(rooms.isOpening(roomIds[1] ?? someRoom())).toBe(false);
});
