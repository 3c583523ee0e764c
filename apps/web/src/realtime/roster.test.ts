import type { Me } from "@ashchat/contracts/api";
import { newId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { ProfileView } from "@ashchat/contracts/room";
import { describe, expect, it } from "vitest";
import type { Clock } from "./environment";
import { createRoomStore } from "./room-store";
import { createRoster } from "./roster";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock } from "./testing/fake-clock";

/** Answers are read at once and arrive when they are let through, in any order. */
function setUp() {
  const server = new ChatServer();
  const [ana, ben] = server.people;
  const onTheirWay: (() => void)[] = [];
  const onTheWay = async <Value>(read: () => Value): Promise<{ ok: true; value: Value }> => {
    const value = read();
    await new Promise<void>((arrive) => onTheirWay.push(arrive));
    return ok(value);
  };
  const asked: string[] = [];
  const api = {
    ...server.api(ana),
    me: () => {
      asked.push("me");
      return onTheWay(() => server.me(ana));
    },
    rooms: () => {
      asked.push("rooms");
      return onTheWay(() => ({ rooms: [server.room(ana)], presence: server.presence }));
    },
  };
  const clock = createFakeClock();
  const rooms = createRoomStore({
    me: ana,
    api,
    clock,
    resume() {},
    onChange() {},
    onPresence: (presence) => roster.takePresence(presence),
  });
  const roster = createRoster({ me: server.me(ana), api, clock, rooms, onChange() {}, onList() {}, onLanguage() {} });
  /** Of the answers under way the one that was asked for as number `index`. */
  const arrive = async (index = 0) => {
    onTheirWay.splice(index, 1)[0]?.();
    await atRest();
  };
  const named = (name: string): Me => {
    server.names[0] = name;
    return server.me(ana);
  };
  return { server, ana, ben, rooms, roster, arrive, named, asked, clock };
}

it("P15: what the person just saved is not undone by an answer about them that was read before", async () => {
  const { roster, arrive, named } = setUp();
  roster.hearProfile(named("Ana").profile);
  roster.setMe(named("Ana María"));
  await arrive();
  expect(roster.me().profile.name).toBe("Ana María");
  await arrive();
  expect(roster.me().profile.name).toBe("Ana María");
});

it("P15: of two answers about oneself the one that was asked for last counts, whichever arrives last", async () => {
  const { roster, arrive, named } = setUp();
  roster.hearProfile(named("first").profile);
  roster.hearProfile(named("second").profile);
  await arrive(1);
  expect(roster.me().profile.name).toBe("second");
  await arrive();
  expect(roster.me().profile.name).toBe("second");
});

it("P15: what another device changed while this one saved something is shown in the end", async () => {
  const { roster, arrive, named } = setUp();
  const saved = named("saved here");
  roster.hearProfile(named("changed there").profile);
  roster.setMe(saved);
  await arrive();
  await arrive();
  expect(roster.me().profile.name).toBe("changed there");
});

it("P15: who came while the list was on its way is there, whatever the list says", async () => {
  const { server, ben, roster, arrive } = setUp();
  server.presence = [{ userId: ben, online: false, lastSeenAt: 1 }];
  void roster.refreshRooms();
  roster.hearPresence([{ userId: ben, online: true, lastSeenAt: null }]);
  await arrive();
  expect(roster.presence().get(ben)?.online).toBe(true);
  void roster.refreshRooms();
  await arrive();
  expect(roster.presence().get(ben)?.online).toBe(false);
});

it("P15: a room that its person was removed from while the list was on its way does not come back with it", async () => {
  const { server, rooms, roster, arrive } = setUp();
  const { roomId } = server;
  void roster.refreshRooms();
  rooms.hear({ t: "room", roomId, event: "removed", membersVersion: 2 });
  await arrive();
  expect(rooms.states().has(roomId)).toBe(false);
  void roster.refreshRooms();
  await arrive();
  expect(rooms.states().has(roomId)).toBe(true);
});

it("the list forgets the rooms that are in it no more, but none that came after it was asked for", async () => {
  const { server, ana, rooms, roster, arrive } = setUp();
  const [gone, later] = [newId("room"), newId("room")];
  rooms.takeRoom({ ...server.room(ana), roomId: gone });
  void roster.refreshRooms();
  rooms.takeRoom({ ...server.room(ana), roomId: later });
  await arrive();
  expect([...rooms.states().keys()].toSorted()).toEqual([server.roomId, later].toSorted());
});

describe("P15: names that changed while the device was away", () => {
  const CATCH_UP_MS = LIMITS.namesCatchUpMs + 1;

  /** As a server says it that read `reachMs` back. */
  function ready(clock: Clock, changed: readonly ProfileView[] = [], reachMs: number = LIMITS.changedProfilesMs) {
    const serverTime = clock.now();
    return { serverTime, changedProfiles: { since: serverTime - reachMs, profiles: [...changed] } };
  }

  /** The list was fetched when the page was opened. */
  async function opened() {
    const world = setUp();
    void world.roster.refreshRooms();
    await world.arrive();
    world.asked.length = 0;
    const benIs = () => world.rooms.states().get(world.server.roomId)?.members.find(isBen)?.name;
    const isBen = ({ userId }: { userId: UserId }) => userId === world.ben;
    return { ...world, benIs, benRenamed: (name: string) => ({ ...profileOf(world.server, world.ben), name }) };
  }

  it("are shown as `ready` says, and nothing is fetched, however often the connection is lost", async () => {
    const { roster, clock, asked, benIs, benRenamed } = await opened();
    roster.connected(ready(clock));
    for (const name of ["Benjamin", "Benny"]) {
      await clock.advance(LIMITS.changedProfilesMs);
      roster.disconnected();
      await clock.advance(LIMITS.reconnectDelayMaxMs);
      roster.connected(ready(clock, [benRenamed(name)]));
      expect(benIs()).toBe(name);
    }
    await clock.advance(CATCH_UP_MS);
    expect(asked).toEqual([]);
  });

  it("of the person themselves are fetched, because the profile does not say all", async () => {
    const { roster, clock, asked, ana, server } = await opened();
    roster.connected(ready(clock, [profileOf(server, ana)]));
    expect(asked).toEqual(["me"]);
  });

  it.each([
    ["a server that cannot tell", null],
    ["a server that does not know how to tell", undefined],
  ])("are fetched from %s", async (_title, changedProfiles) => {
    const { roster, clock, asked, arrive } = await opened();
    roster.connected({ serverTime: clock.now(), changedProfiles });
    await clock.advance(CATCH_UP_MS);
    await arrive();
    await arrive();
    expect(asked).toEqual(["me", "rooms"]);
  });

  it("are fetched after an absence that is longer than `ready` reaches back", async () => {
    const { roster, clock, asked, arrive } = await opened();
    roster.connected(ready(clock));
    roster.disconnected();
    await clock.advance(LIMITS.changedProfilesMs);
    roster.connected(ready(clock));
    await clock.advance(CATCH_UP_MS);
    await arrive();
    await arrive();
    expect(asked).toEqual(["me", "rooms"]);
    asked.length = 0;
    roster.disconnected();
    roster.connected(ready(clock));
    await clock.advance(CATCH_UP_MS);
    expect(asked, "after that the absence is over").toEqual([]);
  });

  it("are fetched by a later connection where an earlier one ended before they could be", async () => {
    const { roster, clock, asked, arrive } = await opened();
    roster.connected({ serverTime: clock.now(), changedProfiles: null });
    roster.disconnected();
    await clock.advance(LIMITS.changedProfilesMs);
    roster.connected(ready(clock));
    await clock.advance(CATCH_UP_MS);
    await arrive();
    expect(asked).toContain("rooms");
  });
});

function profileOf(server: ChatServer, userId: UserId): ProfileView {
  return server.me(userId).profile;
}
