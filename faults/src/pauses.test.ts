import { newClientId, newId } from "@ashchat/contracts/ids";
import { expect, it } from "vitest";
import type { SendRecord } from "./history";
import { measurePauses } from "./pauses";

const common = { kind: "send", device: "ana/1", userId: newId("usr"), roomId: newId("room"), text: "hola" } as const;

function sent(at: number, acknowledgedAt: readonly number[]): SendRecord[] {
  const clientId = newClientId();
  const answers = acknowledgedAt.map((t): SendRecord => ({ ...common, clientId, t, result: "ok", seq: 1 }));
  return [{ ...common, clientId, t: at, result: "invoke", seq: null }, ...answers];
}

it("a wait ends with the first acknowledgement, and a silence is the time between two of different messages", () => {
  const records = [...sent(0, [10, 4_000]), ...sent(100, [120]), ...sent(200, [3_120]), ...sent(300, [])];
  expect(measurePauses(records.toSorted((a, b) => a.t - b.t))).toEqual({
    waitP50: 20,
    waitP99: 2_920,
    waitMax: 2_920,
    silences: 1,
    longestSilence: 3_000,
    silentTotal: 3_000,
  });
});
