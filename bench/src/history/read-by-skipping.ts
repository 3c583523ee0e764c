import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { mongo } from "mongoose";

/** The peer: pages counted from the newest, as they are written first. Gives how many came. */
export async function readBySkipping(
  messages: mongo.Collection,
  { roomId, skip }: { roomId: RoomId; skip: number },
): Promise<number> {
  const page = await messages.find({ roomId }).sort({ seq: -1 }).skip(skip).limit(LIMITS.historyPageMessages).toArray();
  return page.length;
}
