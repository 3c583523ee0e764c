import { expect, it } from "vitest";
import { inOrder } from "./in-order";

it("what is saved first is answered before the next is asked for, so that the last wish is what stands", async () => {
  const began: string[] = [];
  const answers: (() => void)[] = [];
  const save = inOrder(async (wish: string) => {
    began.push(wish);
    await new Promise<void>((answer) => answers.push(answer));
    return wish;
  });
  const [first, second] = [save("pt"), save("es")];
  await Promise.resolve();
  expect(began).toEqual(["pt"]);
  answers[0]?.();
  expect(await first).toBe("pt");
  await Promise.resolve();
  expect(began).toEqual(["pt", "es"]);
  answers[1]?.();
  expect(await second).toBe("es");
});
