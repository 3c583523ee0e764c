import { LIMITS } from "@ashchat/contracts/limits";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openConnection, type OpenConnection } from "../connection";
import type { ChangeDocument } from "../documents";
import { defineModels } from "../models";
import { must, newChange, newMessage, testDatabase, type TestDatabase } from "../testing";
import { createMessageReads } from "./message-reads";

let database: TestDatabase;
let own: OpenConnection;
beforeAll(async () => {
  database = await testDatabase();
  own = await openConnection({ url: database.url, appName: "ashchat-test", timeoutMs: LIMITS.databaseTimeoutMs });
});
afterAll(async () => {
  await own.close();
  await database.close();
});

test("P4: heads count no change whose message they do not count, also where one is written while they are read", async () => {
  const { messages, writer } = database.stores;
  const { roomId } = must(await writer.append(newMessage())).message;
  const changes = own.native().collection<ChangeDocument>("changes");
  const { findOne } = changes;
  vi.spyOn(changes, "findOne").mockImplementation(async (...args: unknown[]) => {
    const written = must(await writer.append(newMessage({ roomId }))).message;
    must(await messages.logChange(roomId, written.seq, newChange()));
    return Reflect.apply(findOne, changes, args) as Promise<unknown>;
  });
  const heads = must(await createMessageReads(defineModels(own.connection), () => changes).heads([roomId]));
  expect(heads.get(roomId)).toEqual({ seq: 2, changeSeq: 1 });
});
