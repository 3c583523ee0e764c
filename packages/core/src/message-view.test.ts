import type { StoredTranslation } from "@ashchat/contracts/announcements";
import { messageViewSchema } from "@ashchat/contracts/message";
import { describe, expect, test } from "vitest";
import { isTextReadable, viewMessage } from "./message-view";
import { storedMessage } from "./testing/fakes";

const done = { status: "done", revision: 1, text: "hello", engine: "test", at: 5 } as const;

describe("a message as a reader sees it", () => {
  test.each<[StoredTranslation]>([
    [done],
    [{ status: "pending", revision: 1 }],
    [{ status: "not_needed", revision: 2 }],
    [{ status: "failed", revision: 1, reason: "gave_up", at: 5 }],
  ])("carries the reader's translation and no other: %o", (translation) => {
    const stored = storedMessage({ translations: { en: translation, fr: { ...done, text: "bonjour" } } });
    const view = viewMessage(stored, "en");
    expect(messageViewSchema.parse(view)).toEqual(view);
    expect(view.translation).toMatchObject({
      language: "en",
      status: translation.status,
      revision: translation.revision,
    });
    expect(JSON.stringify(view)).not.toContain("bonjour");
    expect(view).not.toHaveProperty("translations");
    expect(view).not.toHaveProperty("messageId");
  });

  test("without a language, or without a translation into it, it is the original alone", () => {
    expect(viewMessage(storedMessage({ translations: { en: done } }), null).translation).toBeNull();
    expect(viewMessage(storedMessage({ translations: { en: done } }), "fr").translation).toBeNull();
  });

  test("P8: a deleted one shows neither text nor translation, whatever is stored", () => {
    const deleted = storedMessage({ deletedAt: 9, translations: { en: done } });
    expect(viewMessage(deleted, "en")).toMatchObject({ text: null, translation: null, deletedAt: 9, seq: 1 });
    expect(isTextReadable(deleted)).toBe(false);
    expect(isTextReadable(storedMessage())).toBe(true);
  });
});
