import type { UserId } from "@ashchat/contracts/ids";

/** Ends this browser's session, forgets what the person was writing here, and goes to the first page. */
export async function signOutHere(me: UserId): Promise<void> {
  forgetDrafts(me);
  const { signOut } = await import("next-auth/react");
  try {
    await signOut({ redirect: false });
  } finally {
    // Also when the server does not answer: the page must not stay open for the next person.
    window.location.assign("/sign-in");
  }
}

function forgetDrafts(me: UserId): void {
  try {
    for (const key of Object.keys(window.localStorage)) {
      if (key.startsWith(`ashchat.draft.${me}.`)) window.localStorage.removeItem(key);
    }
  } catch {
    // A forbidden storage holds no drafts.
  }
}
