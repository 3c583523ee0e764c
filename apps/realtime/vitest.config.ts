// @boundaries-ignore every workspace has the same two test projects
import { sharedVitestConfig } from "../../vitest.shared.ts";

/** Milliseconds. A busy machine is no failure: a condition gets as long as the helpers that wait for frames. */
const POLL = { timeout: 10_000, interval: 10 };

export default sharedVitestConfig({ expect: { poll: POLL } });
