import { newId } from "@ashchat/contracts/ids";
import { LANGUAGES } from "@ashchat/contracts/languages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neededLanguages, readsAsIs } from "./audience";
import { ANA, audienceOf, BEN, EVA, member } from "./testing/fakes";

describe("the languages that a text needs", () => {
  test.each([
    ["nobody else is there", audienceOf(member(ANA, "es")), "es", []],
    ["everybody reads it", audienceOf(member(ANA, "es"), member(BEN, "es")), "es", []],
    ["one reads another language", audienceOf(member(ANA, "es"), member(BEN, "en")), "es", ["en"]],
    ["one understands it besides", audienceOf(member(ANA, "es"), member(BEN, "en", { understands: ["es"] })), "es", []],
    ["two read the same", audienceOf(member(ANA, "es"), member(BEN, "en"), member(EVA, "en")), "es", ["en"]],
    ["each reads another", audienceOf(member(ANA, "es"), member(BEN, "fr"), member(EVA, "en")), "es", ["en", "fr"]],
    ["the sender writes a language that is not theirs", audienceOf(member(ANA, "es"), member(BEN, "en")), "en", []],
  ] as const)("%s", (_name, audience, source, needed) => {
    expect(neededLanguages(audience, source, ANA)).toEqual(needed);
  });

  test("without a sender everybody counts", () => {
    expect(neededLanguages(audienceOf(member(ANA, "es"), member(BEN, "en")), "fr")).toEqual(["en", "es"]);
  });

  const language = fc.constantFrom(...LANGUAGES);
  const anybody = fc.record({ language, understands: fc.array(language, { maxLength: 4 }) });

  test("P5, P6: each is somebody's reading language, nobody who needs one is left out, none comes twice, never the source", () => {
    fc.assert(
      fc.property(fc.array(anybody, { maxLength: 12 }), language, (people, source) => {
        const members = people.map((person) =>
          member(newId("usr"), person.language, { understands: person.understands }),
        );
        const needed = neededLanguages(audienceOf(...members), source);
        expect(needed).not.toContain(source);
        expect(new Set(needed).size).toBe(needed.length);
        for (const one of members) expect(readsAsIs(one, source) || needed.includes(one.language)).toBe(true);
        for (const one of needed) {
          expect(members.some((reader) => reader.language === one && !readsAsIs(reader, source))).toBe(true);
        }
      }),
    );
  });
});
