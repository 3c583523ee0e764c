import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { viewProfile } from "@ashchat/core/account/profile";
import type { Profile } from "@ashchat/core/ports";
import { expect, it } from "vitest";
import { createChangedProfiles } from "./changed-profiles";
import { aProfile, failTest } from "./testing/factories";

it("P15: those who look while a read is under way share the next one, which sees what changed before they looked", async () => {
  const stored: Profile[] = [];
  const answers: (() => void)[] = [];
  const changedProfiles = createChangedProfiles({
    profiles: {
      async changedSince() {
        const found = [...stored];
        await new Promise<void>((answer) => answers.push(answer));
        return ok(found);
      },
    },
    limits: LIMITS,
    now: Date.now,
    onError: failTest,
  });
  const turns = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  };
  const first = changedProfiles.look();
  await turns();
  const ben = aProfile();
  stored.push(ben);
  const others = Array.from({ length: 5 }, () => changedProfiles.look());
  await turns();
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await first.done;
  await turns();
  expect(answers).toHaveLength(2);
  answers[1]?.();
  await Promise.all(others.map(({ done }) => done));
  expect(first.tell(() => true)?.profiles).toEqual([]);
  for (const look of others) expect(look.tell(() => true)?.profiles).toEqual([viewProfile(ben)]);
});
