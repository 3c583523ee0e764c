import { ATTRIBUTES, STRINGS, STRUCTURES } from "./contexts";
import { HANDLERS } from "./handlers";
import { LINKS, MARKDOWN, OLD_LINKS } from "./links";
import { DRAWINGS, FRAMES, OLD_MARKUP, SCRIPTS } from "./markup";
import { MUTATIONS } from "./mutations";
import type { Payload } from "./payload";
import { ICU, OLD_STYLES, STYLES, TEMPLATES } from "./templates";
import { REFUSED, UNICODE } from "./unicode";

/** Every text that tries to be more than a text; distinct. */
export const CORPUS: readonly Payload[] = [
  ...SCRIPTS,
  ...HANDLERS,
  ...DRAWINGS,
  ...FRAMES,
  ...LINKS,
  ...OLD_LINKS,
  ...MARKDOWN,
  ...MUTATIONS,
  ...ATTRIBUTES,
  ...STRINGS,
  ...STRUCTURES,
  ...TEMPLATES,
  ...ICU,
  ...STYLES,
  ...OLD_STYLES,
  ...OLD_MARKUP,
  ...UNICODE,
  ...REFUSED,
];
