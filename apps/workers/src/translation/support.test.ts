import { ok } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import { startSupport } from "./support";

const NOTHING = { engines: [], pairs: [], checkedAt: null };

it("closing does not wait for an engine that does not answer, and tells nothing afterwards", async () => {
  let answer = () => undefined as void;
  const refresh = () =>
    new Promise<void>((resolve) => {
      answer = resolve;
    });
  const told: unknown[] = [];
  const putSupport = async (support: unknown) => {
    told.push(support);
    return ok(undefined);
  };
  const support = startSupport({
    translator: { refresh, support: () => NOTHING },
    support: { putSupport },
    onError: (error) => told.push(error),
  });
  await support.close();
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
});

it("what the engines can do is told at once", async () => {
  const told: unknown[] = [];
  const support = startSupport({
    translator: { refresh: async () => undefined, support: () => NOTHING },
    support: {
      putSupport: async (one) => {
        told.push(one);
        return ok(undefined);
      },
    },
    onError: (error) => told.push(error),
  });
  await expect.poll(() => told).toEqual([NOTHING]);
  await support.close();
});
