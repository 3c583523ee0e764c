import { placeOf } from "./facts";
import type { DeviceFact, Evidence, MarkFact, StoredFact, Violation, VisibleFact } from "./history";

/** The invariants that are judged on what is left at the end of a run. */

/** 6. What a device has pieced together from pages and events equals a cold fetch, and that equals the database. */
export function checkDevices({ devices, stored }: Evidence): Violation[] {
  const byPlace = new Map(stored.map((message) => [placeOf(message), message]));
  return devices.flatMap((fact) => {
    const { device, roomId, kept, cold } = fact;
    const difference = firstDifference(kept, cold) ?? firstUnlike(fact, byPlace);
    return difference === null ? [] : [{ invariant: 6, detail: `${device} in ${roomId}: ${difference}` }];
  });
}

/** The first message of which the product answers something else than is stored. */
function firstUnlike(
  { roomId, language, userId, cold }: DeviceFact,
  stored: ReadonlyMap<string, StoredFact>,
): string | null {
  for (const fresh of cold) {
    const message = stored.get(placeOf({ roomId, seq: fresh.seq }));
    if (message === undefined || fresh.revision === 0) continue;
    const made = message.translations.find((translation) => translation.language === language);
    const translation = made?.status === "done" ? made.text : (made?.status ?? null);
    const isSame = fresh.text === message.text && fresh.revision === message.revision;
    // One's own message is not translated for oneself.
    const isTranslated = message.senderId === userId || fresh.translation === translation;
    if (!isSame || !isTranslated)
      return `#${fresh.seq} is ${JSON.stringify(fresh)}, stored revision ${message.revision}`;
  }
  return null;
}

function firstDifference(kept: readonly VisibleFact[], cold: readonly VisibleFact[]): string | null {
  if (kept.length !== cold.length) return `holds ${kept.length} messages, a fresh fetch has ${cold.length}`;
  for (const [index, fresh] of cold.entries()) {
    const held = kept[index];
    if (JSON.stringify(held) !== JSON.stringify(fresh))
      return `#${fresh.seq} is ${JSON.stringify(held)}, fresh ${JSON.stringify(fresh)}`;
  }
  return null;
}

/** 7. Every needed translation has ended, nothing is pending, and each text belongs to its own message. */
export function checkTranslations(evidence: Evidence): Violation[] {
  return evidence.stored.flatMap((message) => [...unended(evidence, message), ...foreign(evidence, message)]);
}

function unended({ needs }: Evidence, message: StoredFact): Violation[] {
  const where = placeOf(message);
  const open = message.pending ? [{ invariant: 7, detail: `${where} still has pending work` }] : [];
  const ended = new Set(
    message.translations
      .filter((translation) => translation.status !== "pending" && translation.revision === message.revision)
      .map((translation) => translation.language),
  );
  const needed = message.text === null ? [] : (needs.get(message.roomId) ?? []);
  const missing = needed.filter((language) => language !== message.language && !ended.has(language));
  return [...open, ...missing.map((language) => ({ invariant: 7, detail: `${where} has no end into ${language}` }))];
}

/** A finished translation is made of the text that stands: not of another message, not of an older revision. */
function foreign({ expectedTranslation }: Evidence, message: StoredFact): Violation[] {
  const { text: original } = message;
  if (original === null) return [];
  return message.translations
    .filter(({ status }) => status === "done")
    .flatMap(({ text, language, revision }) => {
      if (revision !== message.revision)
        return [{ invariant: 7, detail: `${placeOf(message)} keeps the ${language} of revision ${revision}` }];
      return text === expectedTranslation(original, language)
        ? []
        : [{ invariant: 7, detail: `${placeOf(message)} carries another text's ${language}` }];
    });
}

/** 7, second half. An engine is asked for the same (text, language) a bounded number of times. */
export function checkEngine({ engineCalls, engineCallsMax }: Evidence): Violation[] {
  return [...engineCalls]
    .filter(([, calls]) => calls > engineCallsMax)
    .map(([key, calls]) => ({ invariant: 7, detail: `the engine was asked ${calls} times for ${key}` }));
}

/** 8. Marks only grow, readSeq ≤ deliveredSeq, and neither runs ahead of what any device of the person had. */
export function checkMarks({ marks, devices }: Evidence): Violation[] {
  const violations: Violation[] = [];
  const last = new Map<string, MarkFact>();
  const received = new Map<string, number>();
  for (const { roomId, userId, receivedSeq } of devices) {
    const key = `${roomId} ${userId}`;
    received.set(key, Math.max(received.get(key) ?? 0, receivedSeq));
  }
  for (const mark of marks) {
    const key = `${mark.roomId} ${mark.userId}`;
    const before = last.get(key);
    if (before !== undefined && (mark.deliveredSeq < before.deliveredSeq || mark.readSeq < before.readSeq)) {
      violations.push({ invariant: 8, detail: `${key}: a mark fell` });
    }
    const furthest = Math.max(mark.deliveredSeq, mark.readSeq);
    if (furthest > (received.get(key) ?? 0))
      violations.push({ invariant: 8, detail: `${key}: marked ${furthest} without having it` });
    last.set(key, mark);
  }
  return violations;
}

/** 9. A confirmed registration is one user with one profile; an unconfirmed one is nobody. */
export function checkRegistrations({ registrations }: Evidence): Violation[] {
  return registrations
    .filter(({ confirmed, users, profiles }) => users !== (confirmed ? 1 : 0) || profiles !== (confirmed ? 1 : 0))
    .map(({ registrationId, users, profiles }) => ({
      invariant: 9,
      detail: `${registrationId}: ${users} users, ${profiles} profiles`,
    }));
}

/** 10 and 11. Only the planted poison is set aside; nobody died or shouted who was not made to; no secret in a log. */
export function checkSurroundings(evidence: Evidence): Violation[] {
  const { deadLetters, poisonInjected, unrouted, unexpectedExits, unhandled, canaries } = evidence;
  const violations: Violation[] = [];
  if (deadLetters !== poisonInjected)
    violations.push({ invariant: 10, detail: `${deadLetters} set aside, ${poisonInjected} planted` });
  if (unrouted !== 0) violations.push({ invariant: 10, detail: `${unrouted} unrouted` });
  for (const detail of [...unexpectedExits, ...unhandled]) violations.push({ invariant: 11, detail });
  for (const canary of canaries) violations.push({ invariant: 11, detail: `canary in a log: ${canary}` });
  return violations;
}
