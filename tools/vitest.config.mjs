import { defineConfig } from "vitest/config";

/** The tools' own tests; `unit` as everywhere. */
export default defineConfig({
  test: { projects: [{ test: { name: "unit", include: ["**/*.test.mjs"], exclude: ["**/node_modules/**"] } }] },
});
