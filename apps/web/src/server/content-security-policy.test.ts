import { expect, it } from "vitest";
import { contentSecurityPolicy } from "./content-security-policy";

const OPTIONS = {
  nonce: "bm9uY2U=",
  realtimeUrl: "wss://live.chat.example/socket?x=1",
  isDevelopment: false,
  isSecure: true,
};

function directives(policy: string): Map<string, string> {
  return new Map(policy.split("; ").map((part) => [part.split(" ")[0] ?? "", part.split(" ").slice(1).join(" ")]));
}

it("scripts run only with this answer's nonce, and nothing evaluates text in production", () => {
  const policy = directives(contentSecurityPolicy(OPTIONS));
  expect(policy.get("script-src")).toBe("'self' 'nonce-bm9uY2U=' 'strict-dynamic'");
  expect(policy.get("object-src")).toBe("'none'");
  expect(policy.get("base-uri")).toBe("'none'");
  expect(policy.get("frame-ancestors")).toBe("'none'");
  expect(policy.has("upgrade-insecure-requests")).toBe(true);
});

it("pages connect to this installation and its realtime server alone", () => {
  expect(directives(contentSecurityPolicy(OPTIONS)).get("connect-src")).toBe("'self' wss://live.chat.example");
});

it("only development may evaluate text", () => {
  expect(contentSecurityPolicy({ ...OPTIONS, isDevelopment: true })).toContain("'unsafe-eval'");
  expect(contentSecurityPolicy(OPTIONS)).not.toContain("unsafe-eval");
});
