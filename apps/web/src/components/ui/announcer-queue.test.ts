import { describe, expect, it } from "vitest";
import { ANNOUNCE_INTERVAL_MS, createAnnouncerQueue, type Announcement } from "./announcer-queue";

function fakeTimer() {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    schedule(callback: () => void, delayMs: number) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(byMs: number) {
      const until = now + byMs;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        now = due.at;
        due.callback();
      }
      now = until;
    },
  };
}

const fromAna = (kind = "message"): Announcement => ({
  kind,
  one: "New message from Ana",
  many: (count) => `${count} new messages`,
});

describe("createAnnouncerQueue", () => {
  it("speaks one message by its sender and several as a count", () => {
    const timer = fakeTimer();
    const spoken: string[] = [];
    const queue = createAnnouncerQueue({ speak: (text) => spoken.push(text), schedule: timer.schedule });
    queue.announce(fromAna());
    timer.advance(ANNOUNCE_INTERVAL_MS);
    for (let index = 0; index < 4; index += 1) queue.announce(fromAna());
    timer.advance(ANNOUNCE_INTERVAL_MS * 2);
    expect(spoken).toEqual(["New message from Ana", "4 new messages"]);
  });

  it("speaks at most once a second however many come", () => {
    const timer = fakeTimer();
    const at: number[] = [];
    const queue = createAnnouncerQueue({ speak: () => at.push(timer.now()), schedule: timer.schedule });
    for (let index = 0; index < 500; index += 1) {
      queue.announce(fromAna(`kind-${index % 3}`));
      timer.advance(10);
    }
    expect(at.length).toBeGreaterThan(3);
    for (const [index, time] of at.entries()) {
      if (index > 0) expect(time - (at[index - 1] ?? 0)).toBeGreaterThanOrEqual(ANNOUNCE_INTERVAL_MS);
    }
  });

  it("says nothing after close", () => {
    const timer = fakeTimer();
    const spoken: string[] = [];
    const queue = createAnnouncerQueue({ speak: (text) => spoken.push(text), schedule: timer.schedule });
    queue.announce(fromAna());
    queue.close();
    timer.advance(ANNOUNCE_INTERVAL_MS * 5);
    expect(spoken).toEqual([]);
  });
});
