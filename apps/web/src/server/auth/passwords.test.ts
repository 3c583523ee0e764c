import type * as Argon2 from "@node-rs/argon2";
import { hash, verify } from "@node-rs/argon2";
import { beforeEach, expect, it, vi } from "vitest";
import { createPasswords } from "./passwords";

// The real ones, counted.
vi.mock(import("@node-rs/argon2"), async (importOriginal) => {
  const real: typeof Argon2 = await importOriginal();
  return { ...real, hash: vi.fn<typeof hash>(real.hash), verify: vi.fn<typeof verify>(real.verify) };
});

beforeEach(() => {
  vi.mocked(hash).mockClear();
  vi.mocked(verify).mockClear();
});

it("the first sign-in of a process to an unknown address costs one hash, like one to a known address", async () => {
  expect(await createPasswords().verify(null, "guess")).toEqual({ ok: true, value: false });
  expect(hash).not.toHaveBeenCalled();
  expect(verify).toHaveBeenCalledTimes(1);
});

it("what stands for an unknown address costs as much as what is stored", async () => {
  const passwords = createPasswords();
  const stored = await passwords.hash("correct horse battery");
  if (!stored.ok) throw new Error(stored.error.message);
  await passwords.verify(null, "guess");
  const costs = (encoded: string | Uint8Array | undefined) => String(encoded).split("$").slice(1, 4);
  expect(costs(vi.mocked(verify).mock.calls[0]?.[0])).toEqual(costs(stored.value));
});

it("nobody signs in to an unknown address, whatever they type", async () => {
  expect(await createPasswords().verify(null, "nobody has this password")).toEqual({ ok: true, value: false });
});
