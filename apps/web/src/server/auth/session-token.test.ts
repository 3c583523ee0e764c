import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import * as jwt from "next-auth/jwt";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sealSession, sealToken } from "../testing/sealed-session";
import { readSessionToken, sessionCookieName } from "./session-token";

vi.mock("next-auth/jwt", async (original) => {
  const real = await original<typeof jwt>();
  return { ...real, decode: vi.fn<typeof real.decode>(real.decode) };
});

const SECRET = "s".repeat(64);
const env = { PUBLIC_URL: "http://localhost:3000", NEXTAUTH_SECRET: SECRET };
const read = (token: string, secret = SECRET) =>
  readSessionToken(new Map([[sessionCookieName(env), token]]), { ...env, NEXTAUTH_SECRET: secret });
const session = () => ({ userId: newId("usr"), sessionId: newId("ses") });
const opened = vi.mocked(jwt.decode);

afterEach(() => {
  vi.useRealTimers();
  opened.mockClear();
});

describe("a session cookie", () => {
  it("is opened once, however often it comes", async () => {
    const mine = session();
    const token = await sealSession(mine, SECRET);
    for (let times = 0; times < 3; times += 1) expect(await read(token)).toEqual(mine);
    expect(opened).toHaveBeenCalledTimes(1);
  });

  it("that was opened before says nothing any more when it has expired", async () => {
    const { userId, sessionId } = session();
    const ttlS = 3_600;
    const token = await sealToken({ sub: userId, sessionId }, SECRET, ttlS);
    expect(await read(token)).not.toBeNull();
    vi.useFakeTimers({ now: Date.now() + (ttlS + 60) * 1_000, toFake: ["Date"] });
    expect(await read(token)).toBeNull();
  });

  it("opened with one secret says nothing under another", async () => {
    const token = await sealSession(session(), SECRET);
    expect(await read(token)).not.toBeNull();
    expect(await read(token, "t".repeat(64))).toBeNull();
  });

  it("that is forged is asked for each time and forgotten", async () => {
    expect([await read("forged"), await read("forged")]).toEqual([null, null]);
    expect(opened).toHaveBeenCalledTimes(2);
  });

  it("is forgotten when too many others came after it, and opened again", async () => {
    const first = await sealSession(session(), SECRET);
    await read(first);
    const { userId, sessionId } = session();
    const exp = Date.now() / 1_000 + 3_600;
    opened.mockImplementation(async () => ({ sub: userId, sessionId, exp }));
    for (let index = 0; index < LIMITS.openedCookiesMax; index += 1) await read(`other-${index}`);
    opened.mockClear();
    await read(`other-${LIMITS.openedCookiesMax - 1}`);
    expect(opened).not.toHaveBeenCalled();
    await read(first);
    expect(opened).toHaveBeenCalledTimes(1);
  });
});
