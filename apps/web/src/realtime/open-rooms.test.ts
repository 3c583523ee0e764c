import { newClientId } from "@ashchat/contracts/ids";
import { expect, it } from "vitest";
import type { RealtimeApi } from "./api";
import { createOpenRooms } from "./open-rooms";
import { createRoomStore } from "./room-store";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock } from "./testing/fake-clock";

/** A room of 400 messages, and pages of it that arrive when the test says so. */
function play() {
  const server = new ChatServer();
  const [ana, ben] = server.people;
  for (let seq = 1; seq <= 400; seq += 1) server.write(ben, String(seq), newClientId());
  server.mark(ana, { deliveredSeq: 400, readSeq: 400 });
  const clock = createFakeClock();
  const onTheWay: (() => void)[] = [];
  const asked: { before?: number | undefined; around?: number | undefined }[] = [];
  const api: RealtimeApi = {
    ...server.api(ana),
    async history(input) {
      asked.push(input);
      const answer = await server.api(ana).history(input);
      await new Promise<void>((arrive) => onTheWay.push(arrive));
      return answer;
    },
  };
  const rooms = createRoomStore({
    me: ana,
    api,
    clock,
    resume() {},
    onPresence() {},
    onChange: (roomId, state) => (state === null ? openRooms.onMissing(roomId) : openRooms.onState(state)),
  });
  const openRooms = createOpenRooms({ api, clock, rooms, onChange() {} });
  rooms.takeRoom(server.room(ana));
  const { roomId } = server;
  const state = () => {
    const found = rooms.states().get(roomId);
    if (found === undefined) throw new Error("the room is gone");
    return found;
  };
  const arrive = async () => {
    onTheWay.shift()?.();
    await atRest();
  };
  const arriveAll = async () => {
    await atRest();
    for (const arrive of onTheWay.splice(0)) arrive();
    await atRest();
  };
  return { server, rooms, openRooms, roomId, asked, state, arrive, arriveAll };
}

it("a page that arrives after its room was left does not decide where the room opens the next time", async () => {
  const { openRooms, roomId, state, arriveAll } = play();
  openRooms.open(roomId);
  await arriveAll();
  void openRooms.loadAround(roomId, 100);
  openRooms.close(roomId);
  await arriveAll();
  openRooms.open(roomId);
  await arriveAll();
  expect(state().detached).toBeNull();
  expect(state().messages.at(-1)?.seq).toBe(400);
});

it("a page of the visit before does not end the loading of this one", async () => {
  const { openRooms, roomId, arrive, arriveAll } = play();
  openRooms.open(roomId);
  await arriveAll();
  void openRooms.loadOlder(roomId);
  await atRest();
  openRooms.close(roomId);
  openRooms.open(roomId);
  void openRooms.loadOlder(roomId);
  await arrive();
  expect(openRooms.get(roomId)?.isLoadingOlder).toBe(true);
  await arriveAll();
  expect(openRooms.get(roomId)).toMatchObject({ isLoadingOlder: false, isFirstPageLoaded: true, error: null });
});

it("a page that was asked for before going to the latest message does not lead away from it again", async () => {
  const { openRooms, roomId, state, arriveAll } = play();
  openRooms.open(roomId);
  await arriveAll();
  void openRooms.loadAround(roomId, 100);
  await arriveAll();
  void openRooms.loadNewer(roomId);
  openRooms.jumpToLatest(roomId);
  await arriveAll();
  expect(state().detached).toBeNull();
  expect(openRooms.get(roomId)).toMatchObject({ isLoadingOlder: false, isLoadingNewer: false });
});

it("P15: a page in the language before is not shown after a change of language, and is read again", async () => {
  const { openRooms, roomId, asked, state, arriveAll } = play();
  openRooms.open(roomId);
  await arriveAll();
  void openRooms.loadAround(roomId, 100);
  await atRest();
  asked.length = 0;
  openRooms.reload();
  await arriveAll();
  expect(asked).toEqual([{ roomId }]);
  expect(state().detached).toBeNull();
});

it("a room that its person is removed from and added to again while it is open opens anew", async () => {
  const { server, rooms, openRooms, roomId, state, arriveAll } = play();
  openRooms.open(roomId);
  await arriveAll();
  rooms.hear({ t: "room", roomId, event: "removed", membersVersion: 2 });
  expect(openRooms.get(roomId)?.error).toBe("not_found");
  rooms.takeRoom({ ...server.room(server.people[0]), joinedSeq: 350, membersVersion: 3 });
  await arriveAll();
  expect(openRooms.get(roomId)).toMatchObject({ error: null, isFirstPageLoaded: true, openedReadSeq: 400 });
  expect(state().messages.length).toBeGreaterThanOrEqual(50);
});

it("older messages can be loaded also where the first page failed and so many came live that it is not needed", async () => {
  const { server, rooms, openRooms, roomId, asked, state, arriveAll } = play();
  const [, ben] = server.people;
  server.isHttpUp = false;
  openRooms.open(roomId);
  await arriveAll();
  expect(openRooms.get(roomId)?.error).toBe("unavailable");
  for (let count = 0; count < 60; count += 1) {
    rooms.hear({ t: "message", roomId, message: server.write(ben, "live", newClientId()) });
  }
  server.isHttpUp = true;
  asked.length = 0;
  const before = state().messages[0]?.seq ?? 0;
  void openRooms.loadOlder(roomId);
  await arriveAll();
  expect(asked).toEqual([{ roomId, before }]);
  expect(state().messages[0]?.seq).toBe(before - 50);
  expect(openRooms.get(roomId)?.error).toBeNull();
});
