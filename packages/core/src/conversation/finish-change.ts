import type { StoredMessage } from "@ashchat/contracts/announcements";
import { noCrash, type CrashPoint } from "../crash";
import type { Announcer, MessageStore, Outcome, UnloggedChange } from "../ports";

export interface FinishChangeDeps {
  messages: Pick<MessageStore, "logChange" | "settle">;
  announcer: Announcer;
  crash?: CrashPoint;
}

/**
 * The second half of every change: the message has been written and owes a line to the room's log. Appends it, tells the
 * room, and only then takes it off what is owed. A failure is returned but undoes nothing: the change stands in
 * `unlogged`, and the sweep logs the same line and tells the room again.
 */
export async function finishChange(
  deps: FinishChangeDeps,
  changed: { message: StoredMessage; change: UnloggedChange; membersVersion: number },
): Outcome<void> {
  const crash = deps.crash ?? noCrash;
  const { message, change, membersVersion } = changed;
  crash("change.after_write");
  const logged = await deps.messages.logChange(message.roomId, message.seq, change);
  if (!logged.ok) return logged;
  crash("change.after_log");
  deps.announcer.announce({ kind: "change", roomId: message.roomId, membersVersion, change: logged.value, message });
  return deps.messages.settle(message.roomId, message.seq, change.changeId);
}
