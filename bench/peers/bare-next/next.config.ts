import { join } from "node:path";
import type { NextConfig } from "next";
import next from "next/package.json" with { type: "json" };

const config: NextConfig = {
  turbopack: { root: join(import.meta.dirname, "..", "..", "..") },
  poweredByHeader: false,
  agentRules: false,
  // The bench builds it again when this is not the installed version.
  generateBuildId: () => next.version,
};

export default config;
