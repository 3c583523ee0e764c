import { ok } from "@ashchat/contracts/result";
import type { Session } from "@ashchat/core/ports";
import { expect, it } from "vitest";
import { authenticate, type AuthenticateDeps } from "./authenticate";
import { createGate } from "./gate";
import { aMessage, failTest, someone } from "./testing/factories";
import { simulateHouse, type SimulatedHouse } from "./testing/simulated-house";

/** Somebody who signs in; `whilePresenceIsRead` happens between the opening of their rooms and `ready`. */
async function signIn(house: SimulatedHouse, whilePresenceIsRead: () => void) {
  const userId = someone();
  const roomId = house.addRoom(userId);
  const { connection, frames, sessionId } = house.connect(userId);
  house.registry.remove(connection);
  const device = { name: "Test", os: "Test" };
  const session: Session = {
    ...{ sessionId, userId, device, createdAt: 0, lastSeenAt: 0, revokedAt: null },
    expiresAt: Number.POSITIVE_INFINITY,
  };
  const deps: AuthenticateDeps = {
    ...house,
    tickets: { redeemTicket: async () => ok({ userId, sessionId }) },
    sessions: { find: async () => ok(session) },
    gate: createGate(1),
    now: () => house.state.now,
    presenceOf: async () => {
      whilePresenceIsRead();
      return [];
    },
    onReady: () => undefined,
    onSignedIn: () => undefined,
    onError: failTest,
  };
  await house.rooms.openAll([roomId]);
  house.state.now += house.limits.roomLingerMs - 1;
  await authenticate(deps, connection, "ticket");
  return { roomId, frames };
}

it("P4: a room that was about to be closed is not closed under somebody who is signing in", async () => {
  const house = simulateHouse();
  const { roomId, frames } = await signIn(house, () => {
    house.state.now += 1;
    house.rooms.closeIdle();
  });
  house.hub.deliver({ kind: "message", roomId, membersVersion: 1, message: aMessage({ roomId, seq: 1 }) });
  await house.turns();
  expect(frames.map(({ t }) => t)).toEqual(["ready", "message"]);
});

it("P4: a room that was closed under somebody who is signing in is opened again for them", async () => {
  const house = simulateHouse();
  const { roomId, frames } = await signIn(house, () => {
    house.state.now += house.limits.roomLingerMs;
    house.rooms.closeIdle();
  });
  house.hub.deliver({ kind: "message", roomId, membersVersion: 1, message: aMessage({ roomId, seq: 1 }) });
  await house.turns();
  expect(house.state.watched.has(roomId)).toBe(true);
  expect(frames).toMatchObject([{ t: "ready", rooms: [] }, { t: "room", event: "added" }, { t: "message" }]);
});
