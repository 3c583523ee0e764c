import { groupBy } from "../group-by";
import type { StoredFact } from "../history";
import type { Crowd } from "./crowd";
import type { SendFact } from "./ledger";
import { finding, type Finding } from "./scene";

/** What the database holds in the end, beside what people were told and saw. */
export function judgeStored(stored: readonly StoredFact[], sends: readonly SendFact[], crowd: Crowd): Finding[] {
  const byClientId = groupBy(stored, ({ clientId }) => clientId);
  const acknowledged = sends.filter(({ acknowledgedAt }) => acknowledgedAt !== null);
  const lost = acknowledged.filter(({ clientId, seq }) => byClientId.get(clientId)?.[0]?.seq !== seq);
  const repeated = [...byClientId.values()].filter((copies) => copies.length > 1);
  const refusedYetStored = sends.filter(
    ({ clientId, refusal }) => refusal?.code === "overloaded" && byClientId.has(clientId),
  );
  const holes = [...groupBy(stored, ({ roomId }) => roomId)].filter(([, messages]) => {
    const seqs = messages.map(({ seq }) => seq).toSorted((a, b) => a - b);
    return seqs.some((seq, index) => seq !== index + 1);
  });
  return [
    finding(
      `nothing acknowledged is lost (${acknowledged.length} read back)`,
      acknowledged.length > 0 && lost.length === 0,
      `${lost.length} lost, such as ${lost[0]?.clientId}`,
    ),
    finding(
      "nothing is stored twice, and what was refused as overload is not stored at all",
      repeated.length + refusedYetStored.length === 0,
      `${repeated.length} twice, ${refusedYetStored.length} although refused`,
    ),
    finding("every room has one order without holes", holes.length === 0, `holes in ${holes.length} rooms`),
    finding("nobody saw a hole, a repeat or a swap", crowd.disorder.length === 0, crowd.disorder.join("\n")),
  ];
}
