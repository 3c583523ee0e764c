import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./stack/definitions.mjs";

// They are loaded only in the full run of a command, which no other test makes: `npm run test:overload` once named a file that had moved.
test.each([
  ["tools/overload.mjs", ""],
  ["tools/faults.mjs", "faults/src/run"],
])("every module that %s loads by its name is there", (command, folder) => {
  const loaded = [...readFileSync(join(ROOT, command), "utf8").matchAll(/ load\("([^"]+)"\)/gu)].map(
    ([, file]) => file,
  );
  expect(loaded.length).toBeGreaterThan(1);
  expect(loaded.filter((file) => !existsSync(join(ROOT, folder, file)))).toEqual([]);
});
