import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { expect, it } from "vitest";
import { registrationCookie } from "./registration-cookie";

/** A mail may have to wait for its worker or for the mail server. Seconds. */
const MAIL_DELAY_S = 60;

it("the browser remembers its registration at least as long as a code lives that was mailed late", () => {
  const cookie = registrationCookie(newId("usr"), { PUBLIC_URL: "http://localhost:3000" });
  const maxAgeS = Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);
  expect(maxAgeS).toBeGreaterThanOrEqual(LIMITS.codeTtlMs / 1_000 + MAIL_DELAY_S);
});
