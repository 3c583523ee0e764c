import type { RoomId, UserId } from "@ashchat/contracts/ids";

/** A place for small texts of this device, such as `localStorage`. */
export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What is being written, per person and room, kept on this device at once. A full or blocked storage keeps nothing. */
export function draftsIn(storage: DraftStorage | null, me: UserId) {
  const keyOf = (roomId: RoomId) => `ashchat.draft.${me}.${roomId}`;
  return {
    read(roomId: RoomId): string {
      return attempt(() => storage?.getItem(keyOf(roomId)) ?? "") ?? "";
    },
    write(roomId: RoomId, text: string): void {
      attempt(() => (text === "" ? storage?.removeItem(keyOf(roomId)) : storage?.setItem(keyOf(roomId), text)));
    },
  };
}

/** The browser's storage; null where it is forbidden. */
export function deviceStorage(): Storage | null {
  return attempt(() => window.localStorage) ?? null;
}

/** Storage throws where it is full or forbidden: then a draft lives as long as the page, which is what it is worth. */
function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
