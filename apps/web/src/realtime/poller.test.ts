import { appError } from "@ashchat/contracts/errors";
import { fail, ok } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import type { RealtimeApi } from "./api";
import { createPoller } from "./poller";
import { createRoomStore } from "./room-store";
import { createFakeClock } from "./testing/fake-clock";
import { ChatServer } from "./testing/chat-server";

const NOTHING_NEW = ok({ pages: [], resync: [], realtimeSince: null });

interface Play {
  answerMs: number;
  random?: number;
  answer?: Awaited<ReturnType<RealtimeApi["resume"]>>;
}

/** Somebody without rooms, whose answers take `answerMs`. */
function play({ answerMs, random = 0.5, answer = NOTHING_NEW }: Play) {
  const clock = { ...createFakeClock(), random: () => random };
  const server = new ChatServer();
  const [userId] = server.people;
  const askedAt: number[] = [];
  const api = {
    ...server.api(userId),
    async resume() {
      askedAt.push(clock.now());
      await new Promise<void>((resolve) => clock.after(answerMs, resolve));
      return answer;
    },
  };
  const resume = () => poller.nudge();
  const rooms = createRoomStore({ me: userId, api, clock, resume, onChange() {}, onPresence() {} });
  const poller = createPoller({ api, clock, rooms, onResult() {}, onSignedOut() {} });
  return { clock, poller, askedAt, enterARoom: () => rooms.takeRoom(server.room(userId)) };
}

it("asks every LIMITS.fallbackPollMs", async () => {
  const { clock, poller, askedAt } = play({ answerMs: 20 });
  poller.start();
  await clock.advance(60_000);
  expect(askedAt.length).toBeGreaterThanOrEqual(11);
  expect(askedAt.length).toBeLessThanOrEqual(13);
});

it("rests four times as long as an answer takes, so that many who ask a slow server leave it time for others", async () => {
  const { clock, poller, askedAt } = play({ answerMs: 3_000 });
  poller.start();
  await clock.advance(60_000);
  expect(askedAt).toHaveLength(4);
  const [first = 0, second = 0] = askedAt;
  expect(second - first).toBe(3_000 * 5);
});

it("rests no longer than 15 s, however long an answer took", async () => {
  const { clock, poller, askedAt } = play({ answerMs: 60_000 });
  poller.start();
  await clock.advance(100_000);
  const [first = 0, second = 0] = askedAt;
  expect(second - first).toBe(75_000);
});

it("those who lost the same server begin to ask at different times, within 2 s", async () => {
  const firstAt = async (random: number) => {
    const { clock, poller, askedAt } = play({ answerMs: 20, random });
    const startedAt = clock.now();
    poller.start();
    await clock.advance(2_000);
    return (askedAt[0] ?? Infinity) - startedAt;
  };
  expect([await firstAt(0), await firstAt(0.4), await firstAt(0.99)]).toEqual([0, 800, 1_980]);
});

it("whoever is connected again before that asks for nothing", async () => {
  const { clock, poller, askedAt } = play({ answerMs: 20 });
  poller.start();
  await clock.advance(500);
  poller.stop();
  await clock.advance(60_000);
  expect(askedAt).toEqual([]);
});

it("rests also where a server fails slowly and rooms wait for what they miss", async () => {
  const answer = fail(appError("unavailable", "nobody answered"));
  const { clock, poller, askedAt, enterARoom } = play({ answerMs: 15_000, answer });
  enterARoom();
  poller.start();
  await clock.advance(100_000);
  const [first = 0, second = 0] = askedAt;
  expect(second - first).toBe(15_000 + 15_000);
});

it("a room that misses something does not bring the first poll forward", async () => {
  const { clock, poller, askedAt } = play({ answerMs: 20, random: 0.5 });
  const startedAt = clock.now();
  poller.start();
  poller.nudge();
  await clock.advance(2_000);
  expect(askedAt[0]).toBe(startedAt + 1_000);
});
