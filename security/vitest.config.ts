// @boundaries-ignore every workspace has the same two test projects
import { sharedVitestConfig } from "../vitest.shared.ts";

export default sharedVitestConfig();
