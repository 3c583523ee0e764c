import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientIdSchema, newClientId, newId, roomIdSchema, userIdSchema } from "./ids";

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe("ids", () => {
  it("every 16 bytes give an id that its own schema accepts and no other does", () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const id = newId("usr", () => random);
        expect(userIdSchema.safeParse(id).success).toBe(true);
        expect(roomIdSchema.safeParse(id).success).toBe(false);
      }),
    );
  });

  it("different bytes give different ids", () => {
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        const same = Buffer.from(first).equals(Buffer.from(second));
        expect(newId("room", () => first) === newId("room", () => second)).toBe(same);
      }),
    );
  });

  it.each(["__proto__", "", "usr_", "usr_$ne", "USR_00000000000000000000000000", "usr_00000000000000000000000000 "])(
    "%j is no user id",
    (value) => {
      expect(userIdSchema.safeParse(value).success).toBe(false);
    },
  );

  it("a UUID is a client id, and so is one that we make", () => {
    expect(clientIdSchema.safeParse(crypto.randomUUID()).success).toBe(true);
    expect(clientIdSchema.safeParse(newClientId()).success).toBe(true);
  });
});
