import { describe, expect, it } from "vitest";
import { ask } from "./ask";
import { ProcedureError } from "./procedures";

/** A failed call as the client makes it of the server's answer. */
function refusal(data: object): ProcedureError {
  return new ProcedureError("x", { data });
}

describe("ask", () => {
  it("gives the value of a call that succeeds", async () => {
    expect(await ask(Promise.resolve(7))).toEqual({ ok: true, value: 7 });
  });

  it("gives the server's own code, and when to try again", async () => {
    const answer = await ask(Promise.reject(refusal({ appCode: "rate_limited", retryAfterMs: 900 })));
    expect(answer).toMatchObject({ ok: false, error: { code: "rate_limited", retryable: true, retryAfterMs: 900 } });
  });

  it.each([
    ["nothing of ours", refusal({ httpStatus: 502 })],
    ["a code that it does not know", refusal({ appCode: "made_up" })],
    ["no answer at all", new ProcedureError("x", { cause: new TypeError("Failed to fetch") })],
  ])("says that the server is unavailable when there is %s", async (_, cause) => {
    expect(await ask(Promise.reject(cause))).toMatchObject({
      ok: false,
      error: { code: "unavailable", retryable: true },
    });
  });

  it("does not throw when something else breaks", async () => {
    expect(await ask(Promise.reject(new RangeError("bug")))).toMatchObject({ ok: false, error: { code: "internal" } });
  });
});
