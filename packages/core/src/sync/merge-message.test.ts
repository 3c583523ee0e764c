import type { MessageView } from "@ashchat/contracts/message";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTranslationStale, mergeMessage } from "./merge-message";
import { doneTranslation, messageOf } from "./testing/model-server";

const first = messageOf(1);
const translated: MessageView = { ...first, version: 2, translation: doneTranslation(first) };
const edited: MessageView = { ...first, version: 3, revision: 2, text: "text 1!" };
const deleted: MessageView = { ...edited, version: 4, text: null, deletedAt: 1 };
const retranslated: MessageView = { ...edited, version: 4, translation: doneTranslation(edited) };

describe("merging two states of a message", () => {
  it("keeps the newer one whatever came first", () => {
    expect(mergeMessage(first, edited).text).toBe("text 1!");
    expect(mergeMessage(edited, first)).toBe(edited);
  });

  it("keeps a translation that the newer frame does not carry, and knows it as stale after an edit", () => {
    expect(mergeMessage(translated, { ...first, version: 3 }).translation).toEqual(translated.translation);
    const shown = mergeMessage(translated, edited);
    expect(shown.translation).toEqual(translated.translation);
    expect(isTranslationStale(shown)).toBe(true);
    expect(isTranslationStale(mergeMessage(shown, retranslated))).toBe(false);
  });

  it("takes a finished translation from an older state where the newer one has none", () => {
    const announcedAgain = { ...first, version: 3 };
    expect(mergeMessage(announcedAgain, translated)).toEqual({
      ...announcedAgain,
      translation: translated.translation,
    });
  });

  it("P8: shows nothing of a deleted message, also when its translation comes late", () => {
    expect(mergeMessage(deleted, translated)).toBe(deleted);
    expect(mergeMessage(translated, deleted).translation).toBeNull();
  });

  it("P8: a late translation of the old text does not count for the new one", () => {
    const shown = mergeMessage(retranslated, translated);
    expect(shown).toBe(retranslated);
  });

  it("takes a translation into another language after the reader changed it", () => {
    const french: MessageView = { ...translated, translation: { status: "pending", language: "fr", revision: 1 } };
    expect(mergeMessage(translated, french).translation?.language).toBe("fr");
  });

  it("ends in the same text, revision and version for every order and repetition", () => {
    const states = [first, translated, edited, retranslated, deleted].map((state, index) => ({
      ...state,
      version: index + 1,
    }));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { maxLength: 10 }), (extra) => {
        const heard = [...extra, ...states].reduceRight((known, state) => mergeMessage(known, state), first);
        expect(heard).toEqual({ ...deleted, version: states.length });
      }),
    );
  });
});
