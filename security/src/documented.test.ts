import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientFrameSchema } from "@ashchat/contracts/realtime";
import { normalizeText, textProblem } from "@ashchat/contracts/text";
import { expect, it } from "vitest";
import { ODD_ADDRESSES, ODD_NAMES } from "./addresses/odd-addresses";
import { ROLES } from "./authorisation/scene";
import { FAMILY_COUNT } from "./frames/cases";
import { fieldNames } from "./frames/spoil";
import { UPGRADE_FAMILY_COUNT } from "./frames/upgrade-cases";
import { CORPUS } from "./scripts/corpus";
import { PROCEDURES } from "./web/procedures";

const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", "security.md"), "utf8");
const frames = clientFrameSchema.def.options.length;
const refused = CORPUS.filter((payload) => textProblem(normalizeText(payload.text)) !== null).length;

it.each([
  [`${FAMILY_COUNT} families`],
  [`${UPGRADE_FAMILY_COUNT} of broken upgrades`],
  [`${fieldNames().length} places of the seven frames`],
  [`| ${CORPUS.length} texts (`],
  [`${CORPUS.length - refused} texts shown on both screens, ${refused} refused`],
  [`${ODD_ADDRESSES.length} odd e-mail addresses and ${ODD_NAMES.length} display names`],
  [`${PROCEDURES.length} procedures and ${frames} frames × ${ROLES.length} roles`],
  [`${(PROCEDURES.length + frames) * ROLES.length} of ${(PROCEDURES.length + frames) * ROLES.length} answered`],
])("docs/security.md counts as the code does: %s", (words) => {
  expect(text).toContain(words);
});
