import type { UserId } from "@ashchat/contracts/ids";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import { ok } from "@ashchat/contracts/result";
import { viewProfile } from "@ashchat/core/account/profile";
import type { Session } from "@ashchat/core/ports";
import { describe, expect, it } from "vitest";
import { authenticate, type AuthenticateDeps } from "./authenticate";
import { createGate } from "./gate";
import { aMessage, aProfile, failTest, someone } from "./testing/factories";
import { simulateHouse, type SimulatedHouse } from "./testing/simulated-house";

/** Somebody who signs in; `whilePresenceIsRead` happens between the opening of their rooms and `ready`. */
async function signIn(house: SimulatedHouse, whilePresenceIsRead: () => void, others: readonly UserId[] = []) {
  const userId = someone();
  const roomId = house.addRoom(userId, ...others);
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
  await house.turns();
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

describe("P15: `ready` says whose profile changed while a device was away", () => {
  const readyOf = (frames: readonly ServerFrame[]) => frames.find((frame) => frame.t === "ready")?.changedProfiles;

  it("of those who share a room, and how far back that reaches", async () => {
    const house = simulateHouse();
    const [ben, stranger] = [aProfile(), aProfile()];
    house.state.changedProfiles.push(ben, stranger);
    const { frames } = await signIn(house, () => undefined, [ben.userId]);
    const since = house.state.now - house.limits.changedProfilesMs;
    expect(readyOf(frames)).toEqual({ since, profiles: [viewProfile(ben)] });
  });

  it("also what is announced between the read and `ready`, which nobody else tells this connection", async () => {
    const house = simulateHouse();
    const ben = aProfile();
    const renamed = { ...ben, name: "Benjamin" };
    house.state.changedProfiles.push(ben);
    const announce = () =>
      house.hub.deliver({ kind: "profile", profile: viewProfile(renamed), understands: renamed.understands });
    const { frames } = await signIn(house, announce, [ben.userId]);
    expect(readyOf(frames)?.profiles).toEqual([viewProfile(renamed)]);
  });

  it("null where more changed than is told", async () => {
    const house = simulateHouse({ changedProfilesMax: 1 });
    house.state.changedProfiles.push(aProfile(), aProfile());
    const { frames } = await signIn(house, () => undefined);
    expect(readyOf(frames)).toBeNull();
  });
});
