import type { RoomId } from "@ashchat/contracts/ids";
import { groupBy } from "./group-by";
import type {
  ChangeRecord,
  ChangedRecord,
  Evidence,
  HistoryRecord,
  LookFact,
  SendRecord,
  ShownRecord,
  StoredFact,
} from "./history";

/** The evidence of a run, sorted for the checks. */
export interface Facts {
  evidence: Evidence;
  sends: SendRecord[];
  shown: ShownRecord[];
  /** Every state of every message that a device showed, in the order of each device. */
  looks: (ShownRecord | ChangedRecord)[];
  changes: ChangeRecord[];
  acknowledged: Map<string, number>;
  /** The first text of each message, by clientId. */
  attempted: Map<string, string>;
  storedByClientId: Map<string, StoredFact[]>;
  storedByRoom: Map<RoomId, StoredFact[]>;
  storedByPlace: Map<string, StoredFact>;
  /** What may stand at a place: texts of edits that were not refused, by the revision that they would make. */
  editsByPlace: Map<string, Map<number, Set<string>>>;
  /** Places of which a deletion was asked for and not refused. */
  deletable: Set<string>;
}

/** Where a message stands. */
export function placeOf({ roomId, seq }: { roomId: RoomId; seq: number }): string {
  return `${roomId} #${seq}`;
}

export function indexEvidence(evidence: Evidence): Facts {
  const { records, stored } = evidence;
  const sends = records.filter((record): record is SendRecord => record.kind === "send");
  const acknowledged = new Map<string, number>();
  const attempted = new Map<string, string>();
  for (const send of sends) {
    attempted.set(send.clientId, send.text);
    if (send.result === "ok" && send.seq !== null) acknowledged.set(send.clientId, send.seq);
  }
  return {
    evidence,
    sends,
    shown: records.filter((record): record is ShownRecord => record.kind === "shown"),
    looks: records.filter(isLook),
    acknowledged,
    attempted,
    storedByClientId: groupBy(stored, (message) => message.clientId as string),
    storedByRoom: groupBy(stored, (message) => message.roomId),
    storedByPlace: new Map(stored.map((message) => [placeOf(message), message])),
    ...indexChanges(records),
  };
}

function isLook(record: HistoryRecord): record is ShownRecord | ChangedRecord {
  return record.kind === "shown" || record.kind === "changed";
}

function indexChanges(records: readonly HistoryRecord[]): Pick<Facts, "changes" | "editsByPlace" | "deletable"> {
  const changes = records.filter(
    (record): record is ChangeRecord => record.kind === "edit" || record.kind === "delete",
  );
  const refused = new Set(changes.filter(({ result }) => result === "fail").map(attemptKey));
  const editsByPlace: Facts["editsByPlace"] = new Map();
  const deletable = new Set<string>();
  for (const change of changes) {
    if (refused.has(attemptKey(change))) continue;
    const place = placeOf(change);
    if (change.text === null) deletable.add(place);
    else addText(editsByPlace, { place, revision: change.revision + 1, text: change.text });
  }
  return { changes, editsByPlace, deletable };
}

/** No two edits of a run have the same text; deletions of one device are alike. */
function attemptKey(change: ChangeRecord): string {
  return `${change.device} ${placeOf(change)} ${change.revision} ${change.text}`;
}

function addText(
  texts: Facts["editsByPlace"],
  { place, revision, text }: { place: string; revision: number; text: string },
) {
  const ofPlace = texts.get(place) ?? new Map<number, Set<string>>();
  texts.set(place, ofPlace);
  ofPlace.set(revision, (ofPlace.get(revision) ?? new Set()).add(text));
}

/** Whether anybody asked for what is shown: this text at this revision, or a deletion. */
export function wasAskedFor(
  facts: Facts,
  look: Pick<LookFact, "roomId" | "seq" | "clientId" | "text" | "revision">,
): boolean {
  if (!facts.attempted.has(look.clientId)) return false;
  if (look.text === null) return facts.deletable.has(placeOf(look));
  return mayBe(facts, look, { revision: look.revision, text: look.text });
}

/** Whether the text may be that of the message at this revision. */
export function mayBe(
  facts: Facts,
  message: Pick<LookFact, "roomId" | "seq" | "clientId">,
  { revision, text }: { revision: number; text: string },
): boolean {
  if (revision === 1) return facts.attempted.get(message.clientId) === text;
  return facts.editsByPlace.get(placeOf(message))?.get(revision)?.has(text) ?? false;
}
