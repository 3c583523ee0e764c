import { join } from "node:path";
import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const HOUSE_PACKAGES = ["contracts", "core", "db", "messaging", "redis", "runtime", "translate"];
/** Loaded from node_modules as they are: they have native parts, load files by name, or are large. */
const SERVER_PACKAGES = [
  "@node-rs/argon2",
  "amqplib",
  "bullmq",
  "eld",
  "ioredis",
  "mongoose",
  "next-auth",
  "pino",
  "pino-pretty",
  "prom-client",
  "rate-limiter-flexible",
];

const EVERYWHERE = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  // The address of a conversation is nobody else's business.
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  {
    key: "Permissions-Policy",
    value:
      "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()",
  },
];
/** Answers of procedures are data: never shown as a page, never kept by a cache. Pages get their policy from `proxy`. */
const PROCEDURES = [
  {
    key: "Content-Security-Policy",
    value: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  },
  { key: "Cache-Control", value: "no-store" },
];

const config: NextConfig = {
  output: "standalone",
  // Packages of the house lie outside this folder and must come along.
  outputFileTracingRoot: join(import.meta.dirname, "..", ".."),
  turbopack: { root: join(import.meta.dirname, "..", "..") },
  transpilePackages: HOUSE_PACKAGES.map((name) => `@ashchat/${name}`),
  serverExternalPackages: SERVER_PACKAGES,
  poweredByHeader: false,
  reactStrictMode: true,
  agentRules: false,
  headers: async () => [
    { source: "/:path*", headers: EVERYWHERE },
    { source: "/api/:path*", headers: PROCEDURES },
  ],
};

const withIntl = createNextIntlPlugin({
  requestConfig: "./src/i18n/request.ts",
  // Compiled when it is built, so that no browser needs the parser of message formats: 8 KB less for the chat.
  experimental: { messages: { path: "./messages", format: "json", locales: "infer", precompile: true } },
});

export default withIntl(config);
