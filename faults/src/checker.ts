import {
  checkDevices,
  checkEngine,
  checkMarks,
  checkOutboxes,
  checkPoison,
  checkRegistrations,
  checkSurroundings,
  checkTranslations,
} from "./checks-at-rest";
import { groupBy } from "./group-by";
import {
  checkAcknowledgedChanges,
  checkDeleted,
  checkGoingBack,
  checkTexts,
  checkTranslationsShown,
} from "./checks-of-changes";
import { checkLiveOrder, checkResumes } from "./checks-of-connections";
import { indexEvidence, type Facts } from "./facts";
import type { Evidence, SendRecord, Verdict, Violation } from "./history";

/** Reported per invariant; the rest is counted, so that a broken run stays readable. */
const DETAILS_MAX = 20;

/** Judges a run: no violation means that all eleven invariants of docs/reliability.md held. Pure. */
export function checkHistory(evidence: Evidence): Verdict {
  const facts = indexEvidence(evidence);
  const violations = [
    ...checkAcknowledged(facts),
    ...checkAcknowledgedChanges(facts),
    ...checkOutboxes(evidence),
    ...checkTexts(facts),
    ...checkDuplicates(facts),
    ...checkOrder(facts),
    ...checkLiveOrder(facts),
    ...checkResumes(evidence),
    ...checkGoingBack(facts),
    ...checkDevices(evidence),
    ...checkDeleted(facts),
    ...checkTranslations(evidence),
    ...checkTranslationsShown(facts),
    ...checkEngine(evidence),
    ...checkMarks(evidence),
    ...checkRegistrations(evidence),
    ...checkPoison(evidence),
    ...checkSurroundings(evidence),
  ];
  return { violations: limitPerInvariant(violations), counts: countsOf(facts, violations) };
}

/** 1. Acknowledged ⊆ stored ⊆ what every member's device holds. */
function checkAcknowledged({ evidence, acknowledged, storedByClientId }: Facts): Violation[] {
  const violations: Violation[] = [];
  for (const [clientId, seq] of acknowledged) {
    const stored = storedByClientId.get(clientId)?.[0];
    if (stored === undefined) violations.push({ invariant: 1, detail: `lost: ${clientId} was acknowledged as ${seq}` });
    else if (stored.seq !== seq)
      violations.push({ invariant: 1, detail: `${clientId} was acknowledged as ${seq}, stored as ${stored.seq}` });
  }
  for (const device of evidence.devices) {
    const kept = new Set(device.kept.map((message) => message.clientId as string));
    for (const message of evidence.stored) {
      if (message.roomId === device.roomId && !kept.has(message.clientId)) {
        violations.push({ invariant: 1, detail: `${device.device} never showed ${message.roomId} #${message.seq}` });
      }
    }
  }
  return violations;
}

/** 3. One message per clientId, in the database and on every screen. */
function checkDuplicates({ storedByClientId, evidence }: Facts): Violation[] {
  const violations: Violation[] = [];
  for (const [clientId, copies] of storedByClientId) {
    if (copies.length > 1) violations.push({ invariant: 3, detail: `${clientId} is stored ${copies.length} times` });
  }
  for (const device of evidence.devices) {
    const ids = device.kept.map((message) => message.clientId);
    const seqs = device.kept.map((message) => message.seq);
    if (new Set(ids).size !== ids.length || new Set(seqs).size !== seqs.length) {
      violations.push({ invariant: 3, detail: `${device.device} shows a message of ${device.roomId} twice` });
    }
  }
  return violations;
}

/** 4. seq is 1…n without holes; everybody has the same order; a device's own sends keep their order. */
function checkOrder({ storedByRoom, shown, sends, storedByClientId }: Facts): Violation[] {
  const violations: Violation[] = [];
  const order = new Map<string, string>();
  for (const [roomId, messages] of storedByRoom) {
    const seqs = messages.map((message) => message.seq).sort((a, b) => a - b);
    seqs.forEach((seq, index) => {
      if (seq !== index + 1)
        violations.push({ invariant: 4, detail: `${roomId}: ${seq} stands at place ${index + 1}` });
    });
    for (const message of messages) order.set(`${roomId} ${message.seq}`, message.clientId);
  }
  for (const record of shown) {
    if (order.get(`${record.roomId} ${record.seq}`) !== record.clientId) {
      violations.push({
        invariant: 4,
        detail: `${record.device} showed ${record.clientId} as ${record.roomId} #${record.seq}`,
      });
    }
  }
  return [...violations, ...checkSessionOrder(sends, storedByClientId)];
}

function checkSessionOrder(sends: readonly SendRecord[], storedByClientId: Facts["storedByClientId"]): Violation[] {
  const violations: Violation[] = [];
  const last = new Map<string, number>();
  const begun = new Set<string>();
  for (const send of sends) {
    if (send.result !== "invoke" || begun.has(send.clientId)) continue;
    begun.add(send.clientId);
    const seq = storedByClientId.get(send.clientId)?.[0]?.seq;
    if (seq === undefined) continue;
    const key = `${send.device} ${send.roomId}`;
    if (seq <= (last.get(key) ?? 0))
      violations.push({ invariant: 4, detail: `${send.device}: ${send.clientId} overtook an earlier send` });
    last.set(key, seq);
  }
  return violations;
}

function limitPerInvariant(violations: readonly Violation[]): Violation[] {
  const groups = groupBy(violations, (violation) => violation.invariant);
  return [...groups.values()].flatMap((group) => group.slice(0, DETAILS_MAX));
}

function countsOf(facts: Facts, violations: readonly Violation[]): Verdict["counts"] {
  const { acknowledged, attempted, evidence, shown, storedByClientId } = facts;
  return {
    attempted: attempted.size,
    acknowledged: acknowledged.size,
    stored: evidence.stored.length,
    shown: shown.length,
    lost: [...acknowledged.keys()].filter((clientId) => !storedByClientId.has(clientId)).length,
    unexpected: violations.filter((violation) => violation.invariant === 2).length,
    duplicated: violations.filter((violation) => violation.invariant === 3).length,
    recovered: [...storedByClientId.keys()].filter((clientId) => !acknowledged.has(clientId)).length,
    edited: evidence.stored.filter(({ text, revision }) => text !== null && revision > 1).length,
    deleted: evidence.stored.filter(({ text }) => text === null).length,
  };
}
