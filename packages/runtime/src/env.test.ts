import * as z from "zod";
import { describe, expect, it } from "vitest";
import { describeEnv, EnvError, listOf, parseEnv, port, processEnv, secret } from "./env";
import { allowedOrigins, realtimeEnvSchema, webEnvSchema } from "./processes";

const schema = processEnv({ MONGODB_URL: z.string(), DEMO_SECRET: secret(), DEMO_PORT: port(3000) });
const good = { MONGODB_URL: "mongodb://ash:hush@db/ashchat", DEMO_SECRET: "s".repeat(32) };

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    parseEnv(schema, source);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
  return [];
}

describe("parseEnv", () => {
  it("names every problem at once", () => {
    const problems = problemsOf({ DEMO_SECRET: "short", DEMO_PORT: "70000", NODE_ENV: "staging", NAMESPACE: "A b" });
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "DEMO_PORT",
      "DEMO_SECRET",
      "MONGODB_URL",
      "NAMESPACE",
      "NODE_ENV",
    ]);
  });

  it("shows no value of a variable in its problems", () => {
    const problems = problemsOf({ ...good, DEMO_SECRET: "canary-value", NAMESPACE: "canary value" });
    expect(problems).toHaveLength(2);
    expect(problems.join(" ")).not.toContain("canary");
  });

  it("an empty value counts as not set", () => {
    expect(parseEnv(schema, { ...good, DEMO_PORT: "", CRASH_AT: "" }).DEMO_PORT).toBe(3000);
    expect(problemsOf({ ...good, MONGODB_URL: "" })).toEqual(["MONGODB_URL: is required"]);
  });

  it.each(["production", "development", "test"])("refuses to go on without its secrets in %s", (NODE_ENV) => {
    expect(problemsOf({ MONGODB_URL: "mongodb://db", NODE_ENV })).toEqual(["DEMO_SECRET: is required"]);
  });

  it("refuses a switched-off rescue and a record of all queries in production", () => {
    const switched = { ...good, QUERY_RECORD_FOR_TEST: "queries.log", SWEEP_DISABLED_FOR_TEST: "true" };
    expect(problemsOf({ ...switched, NODE_ENV: "production" })).toEqual([
      "QUERY_RECORD_FOR_TEST: is refused in production",
      "SWEEP_DISABLED_FOR_TEST: is refused in production",
    ]);
    expect(problemsOf({ ...switched, NODE_ENV: "test" })).toEqual([]);
  });

  it("refuses crash points in production, together with the other problems", () => {
    expect(
      problemsOf({ NODE_ENV: "production", CRASH_AT: "send.after_insert", DEMO_SECRET: good.DEMO_SECRET }),
    ).toEqual(["CRASH_AT: is refused in production", "MONGODB_URL: is required"]);
    expect(problemsOf({ ...good, NODE_ENV: "test", CRASH_AT: "send.after_insert:3" })).toEqual([]);
    expect(problemsOf({ ...good, NODE_ENV: "test", CRASH_AT: "@/tmp/step" })).toEqual([]);
    expect(problemsOf({ ...good, NODE_ENV: "test", CRASH_AT: "@step" })).toHaveLength(1);
  });
});

describe("describeEnv", () => {
  it("redacts secrets and the passwords inside addresses", () => {
    const printed = describeEnv(schema, parseEnv(schema, good));
    expect(printed["DEMO_SECRET"]).toBe("[redacted]");
    expect(printed["MONGODB_URL"]).toBe("mongodb://ash:[redacted]@db/ashchat");
    expect(printed["DEMO_PORT"]).toBe("3000");
    expect(JSON.stringify(describeEnv(schema, parseEnv(schema, good)))).not.toContain("hush");
  });

  it("redacts the password of an address that names no user", () => {
    const only = processEnv({ REDIS_URL: z.string() });
    const printed = describeEnv(only, parseEnv(only, { REDIS_URL: "redis://:hush@cache:6379" }));
    expect(printed["REDIS_URL"]).toBe("redis://:[redacted]@cache:6379");
  });
});

describe("lists", () => {
  it("keep their order and know their words", () => {
    const list = z.object({ ENGINES: listOf(["google", "apertium"], ["apertium"]) });
    expect(parseEnv(list, { ENGINES: " apertium,google,apertium" }).ENGINES).toEqual(["apertium", "google"]);
    expect(parseEnv(list, {}).ENGINES).toEqual(["apertium"]);
    expect(() => parseEnv(list, { ENGINES: "babelfish" })).toThrow(EnvError);
  });
});

describe("the processes' schemas", () => {
  const servers = { MONGODB_URL: "mongodb://a/b", REDIS_URL: "redis://a", RABBITMQ_URL: "amqp://a" };

  it("addresses must have the protocol of their server", () => {
    const wrong = { ...servers, REDIS_URL: "http://a", NEXTAUTH_SECRET: "x".repeat(40) };
    expect(() => parseEnv(webEnvSchema, wrong)).toThrow(/REDIS_URL: must be an address that begins with redis:\/\//);
  });

  it("without a list of origins only the public one may open sockets", () => {
    const env = parseEnv(realtimeEnvSchema, { ...servers, PUBLIC_URL: "https://chat.example/path" });
    expect(allowedOrigins(env)).toEqual(["https://chat.example"]);
    expect(allowedOrigins({ ...env, ALLOWED_ORIGINS: "https://a.example, http://b.example:8080/" })).toEqual([
      "https://a.example",
      "http://b.example:8080",
    ]);
  });
});
