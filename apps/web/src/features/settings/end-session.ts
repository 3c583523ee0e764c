import type { ErrorCode } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";

interface EndSessionInput {
  client: { stop(): void; start(): void };
  signOut: () => Promise<Result<unknown>>;
  /** Removes what this device keeps for the person. */
  forget: () => void;
  /** Opens a whole new page, so that nothing of this person's stays in memory. */
  leave: () => void;
}

/** There is no session to end any more. */
const ENDED: ReadonlySet<ErrorCode> = new Set(["not_signed_in", "session_revoked"]);

/**
 * Signs out. Answers why it could not be done, or null: only the server can end the session and take its cookie away, so
 * whoever it did not answer is still signed in, and must not leave the device in the belief that they are not.
 */
export async function endSession({ client, signOut, forget, leave }: EndSessionInput): Promise<ErrorCode | null> {
  client.stop();
  const answer = await signOut();
  if (!answer.ok && !ENDED.has(answer.error.code)) {
    client.start();
    return answer.error.code;
  }
  forget();
  leave();
  return null;
}
