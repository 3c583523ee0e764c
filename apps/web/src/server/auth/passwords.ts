import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Outcome, PasswordHasher } from "@ashchat/core/ports";
import { hash, verify } from "@node-rs/argon2";
import { createGate, type Gate } from "../http/gate";

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane; argon2id is the library's default. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/**
 * Made with these options: what is verified for an unknown address, so that it takes as long as a known one, also for the
 * first one that a process is asked.
 */
const HASH_OF_NOBODY =
  "$argon2id$v=19$m=19456,t=2,p=1$3QykPLtUjt4Lj43/n3BICw$uMGBkas57qeJ+ICLkpPjnD9TbgZVBXzBdcm7i/nJyVo";

/** argon2id, a few at a time: every hash takes a thread and 19 MiB. */
export function createPasswords(): PasswordHasher {
  const gate = createGate({
    atOnceMax: LIMITS.passwordHashesAtOnceMax,
    waitingMax: LIMITS.passwordHashesWaitingMax,
    waitMsMax: LIMITS.passwordHashesWaitMsMax,
  });
  return {
    hash: (password) => inGate(gate, () => hash(password, OPTIONS)),
    verify: (stored, password) =>
      inGate(gate, async () => {
        const isRight = await verify(stored ?? HASH_OF_NOBODY, password);
        return isRight && stored !== null;
      }),
  };
}

async function inGate<Value>(gate: Gate, work: () => Promise<Value>): Outcome<Value> {
  const result = await gate.run(work);
  return result.entered ? ok(result.value) : fail(appError("overloaded", "too many passwords are being hashed"));
}
