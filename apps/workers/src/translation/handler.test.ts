import { appError } from "@ashchat/contracts/errors";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { MessageStore } from "@ashchat/core/ports";
import { ANA, ROOM_ID, audienceOf, clock, recorder, roomsOf, storedMessage } from "@ashchat/core/testing/fakes";
import { createMetrics } from "@ashchat/runtime/metrics";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createTranslationHandler } from "./handler";

const JOBS = LIMITS.translateBatchTextsMax;
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

interface Stores extends Pick<MessageStore, "setTranslations"> {
  findMany?: MessageStore["findMany"];
}

/** A worker of which every text is translated at once; `setTranslations` says what becomes of the results. */
function workerWith({ setTranslations, findMany = findAll }: Stores) {
  const unused = () => Promise.reject(new Error("nothing was written"));
  const handle = createTranslationHandler({
    record: {
      rooms: roomsOf(audienceOf()),
      messages: { setTranslations, logChange: unused, settle: unused },
      announcer: recorder().announcer,
      clock,
      newChangeId: () => newId("chg"),
    },
    messages: { findMany },
    translator: {
      translateMany: async (texts) => texts.map(({ text }) => ({ status: "done", text, engine: "test" })),
    },
    metrics: createMetrics({ process: "test", defaults: false }),
  });
  return (seqs: readonly number[], roomOf: (seq: number) => RoomId = () => ROOM_ID) =>
    handle(
      seqs.map((seq) => ({
        body: {
          ...{ v: 1, type: "message.translate", correlationId: "test-correlation", clientId: null },
          ...{ roomId: roomOf(seq), seq, revision: 1, language: "en" },
        },
        context: { correlationId: "test-correlation", tries: 0, deliveryCount: 0 },
      })),
    );
}

async function findAll(_roomId: RoomId, seqs: readonly number[]) {
  return ok(seqs.map((seq) => storedMessage({ seq, senderId: ANA, language: "es" })));
}

it("a batch of many rooms asks the database for no more at once than there are connections for", async () => {
  let now = 0;
  let most = 0;
  const handle = workerWith({
    setTranslations: async (results) => results.map(() => ok(null)),
    async findMany(roomId, seqs) {
      now += 1;
      most = Math.max(most, now);
      await nextTurn();
      now -= 1;
      return findAll(roomId, seqs);
    },
  });
  expect(await handle(upTo(JOBS), () => newId("room"))).toEqual(upTo(JOBS).map(() => ({ kind: "done" })));
  expect(most).toBe(LIMITS.databaseParallelReads);
});

it("what many batches have ready is recorded in groups, of which no more than two are under way, and every job ends", async () => {
  let now = 0;
  let most = 0;
  const sizes: number[] = [];
  const setTranslations: MessageStore["setTranslations"] = async (results) => {
    sizes.push(results.length);
    now += 1;
    most = Math.max(most, now);
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    now -= 1;
    return results.map(() => ok(null));
  };
  const handle = workerWith({ setTranslations });
  const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => handle(upTo(JOBS))));
  expect(outcomes).toEqual([1, 2, 3, 4, 5].map(() => upTo(JOBS).map(() => ({ kind: "done" }))));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(JOBS * 5);
  expect(Math.max(...sizes)).toBe(LIMITS.recordGroupResultsMax);
  expect(most).toBe(LIMITS.recordGroupsInFlightMax);
});

it("a result that cannot be recorded is tried again; the others of its group are done", async () => {
  const error = appError("internal", "test");
  const handle = workerWith({
    setTranslations: async (results) => results.map(({ seq }) => (seq === 2 ? fail(error) : ok(null))),
  });
  expect(await handle([1, 2, 3])).toEqual([{ kind: "done" }, { kind: "retry", error }, { kind: "done" }]);
});

it("P10: a result that breaks the recording of its group ends no other job", async () => {
  const error = new Error("a mistake of ours");
  const handle = workerWith({
    async setTranslations(results) {
      if (results.some(({ seq }) => seq === 2)) throw error;
      return results.map(() => ok(null));
    },
  });
  expect(await handle([1, 2, 3])).toEqual([{ kind: "done" }, { kind: "retry", error }, { kind: "done" }]);
});
