import { describe, expect, it } from "vitest";
import { newId } from "./ids";
import { QUEUE_SCHEMAS, QUEUES } from "./queues";

const job = {
  v: 1,
  type: "message.translate",
  correlationId: "abcdefgh",
  roomId: newId("room"),
  seq: 3,
  revision: 1,
  language: "en",
  clientId: null,
};

describe("queue bodies", () => {
  it("every queue has a schema", () => {
    expect(Object.keys(QUEUE_SCHEMAS).sort()).toEqual(Object.values(QUEUES).sort());
  });

  it("a translation job carries ids only", () => {
    expect(QUEUE_SCHEMAS.TRANSLATION_QUEUE.parse({ ...job, text: "secret" })).toEqual(job);
  });

  it.each([{ ...job, v: 2 }, { ...job, type: "other" }, { ...job, language: "xx" }, {}, null])(
    "an unknown version or shape is refused: %j",
    (body) => {
      expect(QUEUE_SCHEMAS.TRANSLATION_QUEUE.safeParse(body).success).toBe(false);
    },
  );
});
