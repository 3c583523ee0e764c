// @boundaries-ignore every workspace has the same two test projects
import { sharedVitestConfig } from "../vitest.shared.ts";

/** One file after the other: each starts the product, and what is promised under load is not to be judged beside another's load. */
export default sharedVitestConfig({}, { fileParallelism: false });
