import { describe, expect, it } from "vitest";
import { clientAddress, PEER_HEADER } from "./client-address";
import { cookieName, hiddenCookie, readCookies } from "./cookies";
import { checkOrigin, isJson, readBody } from "./guard";

const HOUSE = { PUBLIC_URL: "https://chat.example" };
const URL_OF_A_CALL = "https://chat.example/api/trpc/account.me";

describe("requests that change something", () => {
  it.each([
    [{ origin: "https://chat.example" }, true],
    [{ origin: "https://chat.example", "sec-fetch-site": "same-origin" }, true],
    [{ "sec-fetch-site": "same-origin" }, true],
    [{}, false],
    [{ origin: "null" }, false],
    [{ origin: "http://chat.example" }, false],
    [{ origin: "https://chat.example.evil.example" }, false],
    [{ origin: "https://evil.example", "sec-fetch-site": "same-origin" }, false],
    [{ origin: "https://chat.example", "sec-fetch-site": "cross-site" }, false],
    [{ "sec-fetch-site": "same-site" }, false],
    [{ "sec-fetch-site": "none" }, false],
  ])("with %j are admitted: %s", (headers, admitted) => {
    const request = new Request(URL_OF_A_CALL, { method: "POST", headers });
    expect(checkOrigin(request, HOUSE).ok).toBe(admitted);
  });
});

it.each([
  [{}, true],
  [{ "sec-fetch-site": "none" }, true],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ origin: "https://evil.example" }, false],
])("requests that read with %j are admitted: %s", (headers, admitted) => {
  expect(checkOrigin(new Request(URL_OF_A_CALL, { headers }), HOUSE).ok).toBe(admitted);
});

it("of a body that is too large no more is read than may be, also where its size is not declared", async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      given += 1_000;
      controller.enqueue(new Uint8Array(1_000));
    },
  });
  const streamed = new Request(URL_OF_A_CALL, { method: "POST", body: endless, duplex: "half" } as RequestInit);
  expect(await readBody(streamed, 5_000)).toBeNull();
  expect(given).toBeLessThan(10_000);
  expect(await readBody(new Request(URL_OF_A_CALL, { method: "POST", body: "x".repeat(5_001) }), 5_000)).toBeNull();
  expect(await readBody(new Request(URL_OF_A_CALL, { method: "POST", body: "é".repeat(2_500) }), 5_000)).toBe(
    "é".repeat(2_500),
  );
});

it.each([
  ["application/json", true],
  ["Application/JSON; charset=utf-8", true],
  ["text/plain", false],
  ["application/x-www-form-urlencoded", false],
  ["application/jsonl", false],
])("a body of type %s counts as JSON: %s", (contentType, expected) => {
  expect(isJson(new Request(URL_OF_A_CALL, { method: "POST", headers: { "content-type": contentType } }))).toBe(
    expected,
  );
});

it("the client's own word about its address counts only behind a trusted proxy, and then the proxy's own entry", () => {
  const headers = new Headers({ [PEER_HEADER]: "10.0.0.9", "x-forwarded-for": "6.6.6.6, 203.0.113.7" });
  expect(clientAddress(headers, { TRUST_PROXY: false })).toBe("10.0.0.9");
  expect(clientAddress(headers, { TRUST_PROXY: true })).toBe("203.0.113.7");
  expect(clientAddress(new Headers({ [PEER_HEADER]: "10.0.0.9" }), { TRUST_PROXY: true })).toBe("10.0.0.9");
});

it("cookies are out of reach for scripts and other sites, and tied to the host over https", () => {
  expect(hiddenCookie("a", { value: "1", maxAgeS: 600, secure: true })).toBe(
    "__Host-a=1; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure",
  );
  expect(hiddenCookie("a", { value: "1", maxAgeS: 600, secure: false })).toBe(
    "a=1; Path=/; HttpOnly; SameSite=Lax; Max-Age=600",
  );
  expect(cookieName("a", true)).toBe("__Host-a");
});

it("of cookies with one name the first counts, and nonsense is skipped", () => {
  expect([...readCookies("a=1; b=2=3; a=4; ; =5; c; d=x%7Cy; e=%zz")]).toEqual([
    ["a", "1"],
    ["b", "2=3"],
    ["d", "x|y"],
    ["e", "%zz"],
  ]);
  expect(readCookies(null).size).toBe(0);
});
