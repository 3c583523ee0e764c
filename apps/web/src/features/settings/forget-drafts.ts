import type { UserId } from "@ashchat/contracts/ids";

/** Removes what `me` was writing on this device. */
export function forgetDrafts(me: UserId): void {
  try {
    for (const key of Object.keys(window.localStorage)) {
      if (key.startsWith(`ashchat.draft.${me}.`)) window.localStorage.removeItem(key);
    }
  } catch {
    // A forbidden storage holds no drafts.
  }
}
