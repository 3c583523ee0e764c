import { describe, expect, it } from "vitest";
import { newBucket, takeToken } from "./token-bucket";

const SIZE = { burst: 5, perSecond: 10 };

describe("token bucket", () => {
  it("lets a burst through and then says how long to wait", () => {
    const bucket = newBucket(SIZE, 0);
    const waits = Array.from({ length: 6 }, () => takeToken(bucket, SIZE, 0));
    expect(waits).toEqual([0, 0, 0, 0, 0, 100]);
  });

  it("has a token again after the wait that it named", () => {
    const bucket = newBucket(SIZE, 0);
    for (let index = 0; index < 5; index += 1) takeToken(bucket, SIZE, 0);
    const waitMs = takeToken(bucket, SIZE, 0);
    expect(takeToken(bucket, SIZE, waitMs - 1)).toBeGreaterThan(0);
    expect(takeToken(bucket, SIZE, waitMs)).toBe(0);
  });

  it("never holds more than the burst, however long nothing came", () => {
    const bucket = newBucket(SIZE, 0);
    const later = 3_600_000;
    const passed = Array.from({ length: 100 }, () => takeToken(bucket, SIZE, later)).filter((wait) => wait === 0);
    expect(passed).toHaveLength(SIZE.burst);
  });

  it("fills nothing when the clock goes back", () => {
    const bucket = newBucket(SIZE, 1_000);
    for (let index = 0; index < 5; index += 1) takeToken(bucket, SIZE, 1_000);
    expect(takeToken(bucket, SIZE, 0)).toBeGreaterThan(0);
  });
});
