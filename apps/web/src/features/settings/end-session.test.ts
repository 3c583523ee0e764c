// @vitest-environment happy-dom
import { appError, type ErrorCode } from "@ashchat/contracts/errors";
import { fail, ok } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import { endSession } from "./end-session";

function play(refusal: ErrorCode | null) {
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const ended = endSession({
    client: { stop: note("stop"), start: note("start") },
    signOut: async () => (refusal === null ? ok(undefined) : fail(appError(refusal, "no"))),
    forget: note("forget"),
    leave: note("leave"),
  });
  return ended.then((answer) => ({ answer, done }));
}

it("a session that the server has ended leaves nothing on the page", async () => {
  expect(await play(null)).toEqual({ answer: null, done: ["stop", "forget", "leave"] });
});

it.each(["not_signed_in", "session_revoked"] as const)("one that had ended before (%s) as well", async (code) => {
  expect(await play(code)).toEqual({ answer: null, done: ["stop", "forget", "leave"] });
});

it("P14: a session that the server could not end is not shown as ended: the chat goes on and the person is told", async () => {
  expect(await play("unavailable")).toEqual({ answer: "unavailable", done: ["stop", "start"] });
});
