import { newId } from "@ashchat/contracts/ids";
import { describe, expect, it } from "vitest";
import { hashOf, networkOf, shardOf } from "./hashes";

describe("networkOf", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::6", "2001:db8:1:2"],
    ["2001:DB8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
  ])("%s belongs to %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});

describe("shardOf", () => {
  it("spreads rooms over all shards, each room always to the same", () => {
    const rooms = Array.from({ length: 1_600 }, () => newId("room"));
    const sizes = new Map<number, number>();
    for (const room of rooms) sizes.set(shardOf(room, 16), (sizes.get(shardOf(room, 16)) ?? 0) + 1);
    expect(sizes.size).toBe(16);
    expect(Math.max(...sizes.values())).toBeLessThan(200);
  });
});

describe("hashOf", () => {
  it("gives the same mark for the same address and shows nothing of it", () => {
    expect(hashOf("ana@example.org")).toBe(hashOf("ana@example.org"));
    expect(hashOf("ana@example.org")).toMatch(/^[\w-]{43}$/);
  });
});
