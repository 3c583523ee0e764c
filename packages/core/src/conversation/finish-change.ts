import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { AppError } from "@ashchat/contracts/errors";
import { ok, type Result } from "@ashchat/contracts/result";
import { noCrash, type CrashPoint } from "../crash";
import type { Announcer, MessageStore, Outcome, Settlement, UnloggedChange } from "../ports";

export interface FinishChangeDeps {
  messages: Pick<MessageStore, "logChange" | "settle">;
  announcer: Announcer;
  crash?: CrashPoint;
}

/** What was written to a message and is not in the room's log yet. */
export interface WrittenChange {
  message: StoredMessage;
  change: UnloggedChange;
  membersVersion: number;
}

/**
 * The second half of every change: the messages have been written and owe a line each to their rooms' logs. Appends these, in
 * their order, tells the rooms, and only then takes them off what is owed. The first failure is returned but undoes nothing and
 * stops no other: its change stands in `unlogged`, and the sweep logs the same line and tells the room again.
 */
export async function finishChanges(deps: FinishChangeDeps, written: readonly WrittenChange[]): Outcome<void> {
  const crash = deps.crash ?? noCrash;
  crash("change.after_write");
  // In one turn: the log takes what comes together in one insert.
  const logged = await Promise.all(
    written.map(({ message, change }) => deps.messages.logChange(message.roomId, message.seq, change)),
  );
  crash("change.after_log");
  const told = written.filter((one, index) => tell(deps, one, logged[index]));
  const settled = told.length === 0 ? ok(undefined) : await deps.messages.settle(settlementsOf(told));
  return logged.find((one) => !one.ok) ?? settled;
}

/** For a single change. */
export function finishChange(deps: FinishChangeDeps, written: WrittenChange): Outcome<void> {
  return finishChanges(deps, [written]);
}

function tell(
  { announcer }: FinishChangeDeps,
  { message, membersVersion }: WrittenChange,
  logged: Result<StoredChange, AppError> | undefined,
): boolean {
  if (logged?.ok !== true) return false;
  announcer.announce({ kind: "change", roomId: message.roomId, membersVersion, change: logged.value, message });
  return true;
}

/** One per message. */
function settlementsOf(written: readonly WrittenChange[]): Settlement[] {
  const byMessage = new Map<string, Settlement>();
  for (const { message, change } of written) {
    const { messageId, roomId, seq } = message;
    const changeIds = [...(byMessage.get(messageId)?.changeIds ?? []), change.changeId];
    byMessage.set(messageId, { roomId, seq, changeIds });
  }
  return [...byMessage.values()];
}
