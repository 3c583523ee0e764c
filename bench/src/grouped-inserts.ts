import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase } from "@ashchat/db/connect";
import type { MessageDocument } from "@ashchat/db/documents";
import mongoose from "mongoose";
import { pastMessage } from "./history/fill-room";

/**
 * What the database's server itself takes: messages a second in ordered inserts as large, and as many at once, as the product
 * makes them at most. Whatever is stored before it is delivered can be no faster.
 */
export async function groupedInsertsPerSecond(mongodbUrl: string, measureMs: number): Promise<number> {
  const url = new URL(mongodbUrl);
  url.pathname = `/bench-${newId("room").slice(-10)}`;
  const database = await connectDatabase({ url: url.href, appName: "bench", timeoutMs: LIMITS.databaseTimeoutMs });
  await database.migrate();
  await database.close();
  const native = await mongoose.createConnection(url.href).asPromise();
  const messages = native.collection<MessageDocument>("messages");
  const [roomId, senderId] = [newId("room"), newId("usr")];
  let seq = 0;
  let stored = 0;
  const beganAt = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - beganAt < measureMs) {
      const group = Array.from({ length: LIMITS.appendGroupMessagesMax }, () =>
        pastMessage((seq += 1), { roomId, senderId }),
      );
      await messages.insertMany(group, { ordered: true });
      stored += group.length;
    }
  };
  await Promise.all(Array.from({ length: LIMITS.appendGroupsInFlightMax }, lane));
  const seconds = (performance.now() - beganAt) / 1_000;
  await native.dropDatabase();
  await native.close();
  return stored / seconds;
}
