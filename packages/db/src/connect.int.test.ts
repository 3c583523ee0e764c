import { newId } from "@ashchat/contracts/ids";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectDatabase } from "./connect";
import { INDEXES, type DeclaredIndex } from "./indexes";
import { MIGRATIONS, runMigrations } from "./migrations";
import { makePerson, must, testDatabase, type TestDatabase } from "./testing";
import { startTcpProxy } from "./testing/tcp-proxy";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function until(condition: () => Promise<boolean>, deadlineMs = 20_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("migrations", () => {
  test("build every declared index, run once, and may run again and at the same time", async () => {
    await Promise.all([database.migrate(), database.migrate()]);
    for (const [collection, indexes] of Object.entries<readonly DeclaredIndex[]>(INDEXES)) {
      const built = await database.raw.collection(collection).listIndexes().toArray();
      for (const { keys, unique, sparse } of indexes) {
        const found = built.find((index) => JSON.stringify(index["key"]) === JSON.stringify(Object.fromEntries(keys)));
        expect(found, `${collection} ${JSON.stringify(keys)}`).toBeDefined();
        expect([found?.["unique"] ?? false, found?.["sparse"] ?? false]).toEqual([unique ?? false, sparse ?? false]);
      }
    }
    const done = await database.raw.collection("migrations").find().sort({ _id: 1 }).toArray();
    expect(done).toMatchObject(MIGRATIONS.map(({ number, name }) => ({ _id: number, name })));
    expect(done).toHaveLength(MIGRATIONS.length);
  });

  test("one that failed half-way runs again, those after it wait", async () => {
    const ran: string[] = [];
    let isBroken = true;
    const migrations = [
      { number: 101, name: "first", run: async () => void ran.push("first") },
      {
        number: 102,
        name: "second",
        run: async () => {
          ran.push("second");
          if (isBroken) throw new Error("broken");
        },
      },
      { number: 103, name: "third", run: async () => void ran.push("third") },
    ];
    await expect(runMigrations(database.raw, () => 1, migrations)).rejects.toThrow("broken");
    isBroken = false;
    expect(await runMigrations(database.raw, () => 1, migrations)).toEqual([102, 103]);
    expect(ran).toEqual(["first", "second", "second", "third"]);
    expect(await runMigrations(database.raw, () => 1, migrations)).toEqual([]);
  });
});

describe("P14: degraded is honest", () => {
  test("ready names the server and its version", async () => {
    const ready = await database.ready();
    expect(ready.ok).toBe(true);
    expect(ready.detail).toMatch(/MongoDB \d+\.\d+/);
    const server = must(await database.server());
    expect(ready.detail).toBe(server.label);
    expect(server.isStandIn).toBe(server.label.includes("stand-in"));
  });

  test("a database without its indexes is not ready, and says what is missing", async () => {
    const url = new URL(database.url);
    url.pathname = `${url.pathname}_bare`;
    const bare = await database.connectAgain({ url: url.href });
    expect(await bare.ready()).toMatchObject({ ok: false, detail: expect.stringContaining("not migrated: indexes") });
    await bare.close();
  });

  test("while the server is away calls answer a retryable failure and readiness says so; when it is back all goes on", async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = `${proxy.through(database.url)}?directConnection=true`;
    const far = await database.connectAgain({ url, timeoutMs: 500 });
    const person = await makePerson(far.stores);

    proxy.cut();
    const during = await far.stores.profiles.find(person.userId);
    expect(during.ok ? "found" : during.error.code).toMatch(/^(unavailable|timeout)$/);
    expect((await far.ready()).ok).toBe(false);

    proxy.restore();
    await until(async () => (await far.ready()).ok);
    expect(must(await far.stores.profiles.find(person.userId))).toEqual(person);
    await far.close();
    await proxy.close();
  });

  test("a process that starts while the server is away connects when it comes", async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    proxy.cut();
    const url = `${proxy.through(database.url)}?directConnection=true`;
    const early = await database.connectAgain({ url, timeoutMs: 300 });
    const refused = await early.stores.profiles.find(newId("usr"));
    expect(refused.ok ? "found" : refused.error.code).toBe("unavailable");

    proxy.restore();
    await until(async () => (await early.ready()).ok);
    expect(must(await early.stores.profiles.find(newId("usr")))).toBeNull();
    await early.close();
    await proxy.close();
  });

  test("a process that starts while the server is too busy for another connection connects when it is not", async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    // The watcher of the server is answered, what the first calls need is not.
    proxy.holdAfter(1);
    const url = `${proxy.through(database.url)}?directConnection=true`;
    const early = await database.connectAgain({ url, timeoutMs: 300 });
    expect((await early.ready()).ok).toBe(false);

    proxy.restore();
    await until(async () => (await early.ready()).ok);
    expect(must(await early.stores.profiles.find(newId("usr")))).toBeNull();
    await early.close();
    await proxy.close();
  });

  test("an address that is none is refused at once", async () => {
    await expect(connectDatabase({ url: "not-a-database", appName: "test", timeoutMs: 500 })).rejects.toThrow(
      /scheme|connection string/i,
    );
  });
});

describe("the query guard", () => {
  test("has seen the queries of these tests, and sees one that no index serves", async () => {
    const own = await testDatabase();
    await own.stores.profiles.find(newId("usr"));
    expect(own.guard.observedCount()).toBeGreaterThan(0);
    expect(own.guard.unserved()).toEqual([]);
    own.guard.observe({ commandName: "find", command: { find: "messages", filter: { text: "x" } } } as never);
    await expect(own.close()).rejects.toThrow("messages.find {equal text");
  });
});
