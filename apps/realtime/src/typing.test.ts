import { describe, expect, it } from "vitest";
import { someone, someRoom } from "./testing/factories";
import { createTypingThrottle } from "./typing";

describe("typing", () => {
  it("is let through once per person, room and interval, and remembers nothing longer than that", () => {
    const clock = { now: 0 };
    const throttle = createTypingThrottle({ typingIntervalMs: 3_000, now: () => clock.now });
    const [ana, ben, roomId, otherRoomId] = [someone(), someone(), someRoom(), someRoom()];
    expect(throttle.mayAnnounce(ana, roomId)).toBe(true);
    expect(throttle.mayAnnounce(ana, roomId)).toBe(false);
    expect(throttle.mayAnnounce(ana, otherRoomId)).toBe(true);
    expect(throttle.mayAnnounce(ben, roomId)).toBe(true);
    clock.now = 2_000;
    throttle.tick();
    expect(throttle.mayAnnounce(ana, roomId)).toBe(false);
    clock.now = 3_000;
    throttle.tick();
    expect(throttle.mayAnnounce(ana, roomId)).toBe(true);
  });
});
