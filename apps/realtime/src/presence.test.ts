import type { Announcement } from "@ashchat/contracts/announcements";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { Presence } from "@ashchat/contracts/room";
import { describe, expect, it } from "vitest";
import { createPresence } from "./presence";
import { failTest, someone } from "./testing/factories";

/** A store in memory that knows who is online on other nodes; its real counterpart is tested in packages/redis. */
function setUp() {
  const here = new Set<UserId>();
  const elsewhere = new Set<UserId>();
  const beaten = new Set<UserId>();
  const announced: Announcement[] = [];
  const shown: Presence[] = [];
  const state = { now: 0, beats: 0 };
  const keeper = createPresence({
    store: {
      beat: async (userIds) => {
        state.beats += 1;
        userIds.forEach((userId) => beaten.add(userId));
        return ok(undefined);
      },
      leave: async (userIds) => {
        userIds.forEach((userId) => beaten.delete(userId));
        return ok(undefined);
      },
      of: async (userIds) =>
        ok(userIds.map((userId) => ({ userId, online: beaten.has(userId) || elsewhere.has(userId), lastSeenAt: 1 }))),
    },
    announcer: { announce: (announcement) => announced.push(announcement) },
    localUsers: () => here,
    isLocal: (userId) => here.has(userId),
    isShown: () => true,
    show: (presence) => shown.push(presence),
    limits: LIMITS,
    now: () => state.now,
    onError: failTest,
  });
  const pass = async (ms: number) => {
    state.now += ms;
    keeper.tick();
    await new Promise(setImmediate);
  };
  const told = () =>
    announced.flatMap((announcement) => (announcement.kind === "presence" ? [announcement.presence.online] : []));
  return { keeper, here, elsewhere, shown, state, pass, told };
}

describe("presence", () => {
  it("a reload is no going away: back within the debounce time, nothing is announced", async () => {
    const { keeper, here, pass, told } = setUp();
    const userId = someone();
    here.add(userId);
    keeper.arrived(userId);
    await pass(1);
    here.delete(userId);
    keeper.left(userId);
    await pass(LIMITS.presenceDebounceMs - 100);
    here.add(userId);
    keeper.arrived(userId);
    await pass(LIMITS.presenceDebounceMs);
    expect(told()).toEqual([true]);
  });

  it("several connections of one person that become ready together are one arrival", async () => {
    const { keeper, here, pass, told } = setUp();
    const userId = someone();
    here.add(userId);
    keeper.arrived(userId);
    keeper.arrived(userId);
    await pass(1);
    here.delete(userId);
    keeper.left(userId);
    await pass(LIMITS.presenceDebounceMs);
    expect(told()).toEqual([true, false]);
  });

  it("whoever is still connected to another node stays online", async () => {
    const { keeper, here, elsewhere, pass, told } = setUp();
    const userId = someone();
    here.add(userId);
    keeper.arrived(userId);
    await pass(1);
    here.delete(userId);
    elsewhere.add(userId);
    keeper.left(userId);
    await pass(LIMITS.presenceDebounceMs);
    expect(told()).toEqual([true]);
  });

  it("everybody here is beaten in one call per interval", async () => {
    const { here, state, pass } = setUp();
    for (let index = 0; index < 500; index += 1) here.add(someone());
    await pass(LIMITS.presenceBeatMs);
    expect(state.beats).toBe(1);
    await pass(LIMITS.presenceBeatMs - 1);
    expect(state.beats).toBe(1);
    await pass(1);
    expect(state.beats).toBe(2);
  });

  it("people of a node that died are shown offline when their entries have run out", async () => {
    const { keeper, elsewhere, shown, pass } = setUp();
    const userId = someone();
    elsewhere.add(userId);
    keeper.heard({ userId, online: true, lastSeenAt: null });
    await pass(LIMITS.presenceTtlMs);
    expect(shown).toEqual([]);
    elsewhere.delete(userId);
    await pass(LIMITS.presenceTtlMs);
    expect(shown).toEqual([{ userId, online: false, lastSeenAt: 1 }]);
  });

  it("a node that ends says goodbye for everybody", async () => {
    const { keeper, here, told } = setUp();
    const userId = someone();
    here.add(userId);
    keeper.arrived(userId);
    await new Promise(setImmediate);
    await keeper.close();
    expect(told()).toEqual([true, false]);
  });
});
