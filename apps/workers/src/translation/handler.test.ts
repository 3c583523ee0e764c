import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { ANA, ROOM_ID, audienceOf, clock, recorder, roomsOf, storedMessage } from "@ashchat/core/testing/fakes";
import { createMetrics } from "@ashchat/runtime/metrics";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createTranslationHandler } from "./handler";

const JOBS = LIMITS.translateBatchTextsMax;

it("a batch asks the database for no more at once than there are connections for, and ends every job", async () => {
  const seqs = Array.from({ length: JOBS }, (_, index) => index + 1);
  let now = 0;
  let most = 0;
  const setTranslation = async () => {
    now += 1;
    most = Math.max(most, now);
    await nextTurn();
    now -= 1;
    return ok(null);
  };
  const unused = () => Promise.reject(new Error("nothing was written"));
  const handle = createTranslationHandler({
    record: {
      rooms: roomsOf(audienceOf()),
      messages: { setTranslation, logChange: unused, settle: unused },
      announcer: recorder().announcer,
      clock,
      newChangeId: () => newId("chg"),
    },
    messages: { findMany: async () => ok(seqs.map((seq) => storedMessage({ seq, senderId: ANA, language: "es" }))) },
    translator: {
      translateMany: async (texts) => texts.map(({ text }) => ({ status: "done", text, engine: "test" })),
    },
    metrics: createMetrics({ process: "test", defaults: false }),
  });
  const outcomes = await handle(
    seqs.map((seq) => ({
      body: {
        ...{ v: 1, type: "message.translate", correlationId: "test-correlation", clientId: null },
        ...{ roomId: ROOM_ID, seq, revision: 1, language: "en" },
      },
      context: { correlationId: "test-correlation", tries: 0, deliveryCount: 0 },
    })),
  );
  expect(outcomes).toEqual(seqs.map(() => ({ kind: "done" })));
  expect(most).toBeLessThanOrEqual(LIMITS.databaseParallelReads);
});
