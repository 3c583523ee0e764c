import { placeOf } from "./facts";
import type { DeviceFact, Evidence, LetterFact, MarkFact, StoredFact, Violation, VisibleFact } from "./history";

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

/**
 * 8. Marks only grow, and none was there before a device of the person had shown what it says. The observer reads the marks in the
 * same process in which the devices run, and notes the time after the read: nothing has to be allowed for.
 */
export function checkMarks({ marks, devices, records }: Evidence): Violation[] {
  const shown = shownByPerson(devices, records);
  const violations: Violation[] = [];
  const last = new Map<string, MarkFact>();
  for (const mark of marks) {
    const key = `${mark.roomId} ${mark.userId}`;
    const before = last.get(key);
    last.set(key, mark);
    if (before !== undefined && (mark.deliveredSeq < before.deliveredSeq || mark.readSeq < before.readSeq))
      violations.push({ invariant: 8, detail: `${key}: a mark fell` });
    const furthest = Math.max(mark.deliveredSeq, mark.readSeq);
    const had = lastBefore(shown.get(key) ?? [], mark.t);
    if (furthest > had)
      violations.push({ invariant: 8, detail: `${key}: marked ${furthest} at ${mark.t} ms when ${had} was shown` });
  }
  return violations;
}

interface Reach {
  t: number;
  seq: number;
}

/** How far each person had come in each room, and when: both only grow. */
function shownByPerson(devices: Evidence["devices"], records: Evidence["records"]): Map<string, Reach[]> {
  const people = new Map(devices.map(({ device, userId }) => [device, userId]));
  const reached = new Map<string, Reach[]>();
  for (const record of records) {
    if (record.kind !== "shown") continue;
    const key = `${record.roomId} ${people.get(record.device)}`;
    const reach = reached.get(key) ?? [];
    reached.set(key, reach);
    if (record.seq > (reach.at(-1)?.seq ?? 0)) reach.push({ t: record.t, seq: record.seq });
  }
  return reached;
}

function lastBefore(reach: readonly Reach[], t: number): number {
  return reach.findLast((one) => one.t <= t)?.seq ?? 0;
}

/** 9. A confirmed registration is one user with one profile; an unconfirmed one is nobody; a promised code is mailed. */
export function checkRegistrations({ registrations }: Evidence): Violation[] {
  const unmailed = registrations
    .filter(({ lacksMail }) => lacksMail)
    .map(({ registrationId }) => ({ invariant: 9, detail: `${registrationId}: a code was promised, none was mailed` }));
  const wrong = registrations
    .filter(({ confirmed, users, profiles }) => users !== (confirmed ? 1 : 0) || profiles !== (confirmed ? 1 : 0))
    .map(({ registrationId, users, profiles }) => ({
      invariant: 9,
      detail: `${registrationId}: ${users} users, ${profiles} profiles`,
    }));
  return [...unmailed, ...wrong];
}

/** 1. Nothing stays unsent: when all is well again, every outbox becomes empty. */
export function checkOutboxes({ unsent }: Evidence): Violation[] {
  return unsent === 0 ? [] : [{ invariant: 1, detail: `${unsent} messages were never sent, though all was well` }];
}

/**
 * 10. Exactly the planted poison is set aside, each in the dead letters of its own queue and with a reason; nothing is unrouted.
 * More than once is right: whoever dies between setting a message aside and acknowledging it gets it again.
 */
export function checkPoison({ deadLetters, poison, unrouted }: Evidence): Violation[] {
  const planted = new Set(poison.map(letterKey));
  const found = new Set(deadLetters.map(letterKey));
  const details = [
    ...deadLetters
      .filter((letter) => !planted.has(letterKey(letter)))
      .map((letter) => `set aside without being poison: ${letterKey(letter)}, ${letter.reason}`),
    ...deadLetters
      .filter(({ reason }) => reason === null)
      .map((letter) => `set aside without a reason: ${letterKey(letter)}`),
    ...[...planted].filter((key) => !found.has(key)).map((key) => `poison that was not set aside: ${key}`),
    ...(unrouted === 0 ? [] : [`${unrouted} unrouted`]),
  ];
  return details.map((detail) => ({ invariant: 10, detail }));
}

function letterKey({ queue, body }: LetterFact): string {
  return `${queue} ${body}`;
}

/** 11. Nobody died or shouted who was not made to; no secret is in a log. */
export function checkSurroundings({ unexpectedExits, unhandled, canaries }: Evidence): Violation[] {
  const seen = [...unexpectedExits, ...unhandled, ...canaries.map((canary) => `canary in a log: ${canary}`)];
  return seen.map((detail) => ({ invariant: 11, detail }));
}
