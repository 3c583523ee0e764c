import type { MessageView } from "@ashchat/contracts/message";
import type { RealtimeClient } from "@ashchat/web/realtime/client";
import { pause } from "./nemesis";
import type { Tracker } from "./tracker";

const TRIES = 4;
const BETWEEN_TRIES_MS = 2_000;

/**
 * Edits or deletes an own message as a person does: where no answer came, the same is tried again. Refused after a try
 * without an answer, it may be that very try that was in the way.
 */
export async function changeOwn(
  { client, tracker }: { client: RealtimeClient; tracker: Tracker },
  message: MessageView,
  text: string | null,
): Promise<void> {
  const conclude = tracker.changing(message, text);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const answer = text === null ? await client.deleteMessage(message) : await client.editMessage(message, text);
    if (answer.ok) return conclude("ok");
    if (!answer.error.retryable) return conclude(tries === 1 ? "fail" : "info");
    await pause(BETWEEN_TRIES_MS);
  }
  conclude("info");
}
