import { silentLogger } from "@ashchat/runtime/logger";
import { testEnv } from "@ashchat/runtime/testing";
import { expect, it } from "vitest";
import { openConnection } from "./connection";

it("a session whose building never ends, as when the broker dies meanwhile, gives way to the next", async () => {
  let built = 0;
  const connection = await openConnection({
    url: testEnv("ASH_TEST_RABBITMQ_URL"),
    name: "test",
    log: silentLogger(),
    open: () => {
      built += 1;
      return built === 1 ? new Promise(() => undefined) : Promise.resolve();
    },
    lost: () => undefined,
  });
  expect(await connection.waitUntilUp(30_000)).toBe(true);
  expect(built).toBe(2);
  await connection.close();
});
