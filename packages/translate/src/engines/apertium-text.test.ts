import fc from "fast-check";
import { expect, test } from "vitest";
import { toUnits } from "./apertium-text";

const text = fc
  .array(
    fc.constantFrom(
      "hello",
      "word",
      "⟦0⟧",
      "⟦12⟧",
      "*",
      "#1",
      "@",
      "[[3]]",
      "[",
      "\\",
      "^",
      "$",
      ".",
      "?",
      " ",
      "  ",
      "\n",
      "\t",
      ",",
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

test("whatever the texts hold, an answer that changes nothing gives them back", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
      const units = toUnits(texts);
      expect(units.read(units.request)).toEqual(texts);
    }),
    { numRuns: 500 },
  );
});

test("marks that Apertium adds go, characters that look like marks come back", () => {
  const units = toUnits(["a *star* and #1\nthe frobnicator"]);
  const answer = units.request.replace("star", "*estrella").replace("frobnicator", "*frobnicator").replace("and", "#y");
  expect(units.read(answer)).toEqual(["a *estrella* y #1\nthe frobnicator"]);
});

test("an answer with another number of sentences, or without their ends, is no answer", () => {
  const units = toUnits(["one", "two\nthree"]);
  expect(units.read("uno .\n\ndos .\n\ntres .")).toEqual(["uno", "dos\ntres"]);
  expect(units.read("uno .\n\ndos .")).toBeNull();
  expect(units.read("uno .\n\ndos .\n\ntres .\n\ncuatro .")).toBeNull();
  expect(units.read("uno .\n\ndos\n\ntres .")).toBeNull();
  expect(units.read("")).toBeNull();
});

test("a word's own full stop stays, the one that closed the sentence goes, however it is written", () => {
  const units = toUnits(["Hello.", "and ..."]);
  expect(units.read("Hola. .\n\ny ....")).toEqual(["Hola.", "y ..."]);
});

test("texts of white space alone are sent nowhere and come back", () => {
  const units = toUnits([" ", "\n\n", ""]);
  expect(units.request).toBe("");
  expect(units.read("")).toEqual([" ", "\n\n", ""]);
});
