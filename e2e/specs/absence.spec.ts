import { expect, OFFLINE_CONSOLE, test } from "../fixtures";
import { bubble, expectStatus, LIVE_TIMEOUT_MS, openRoom, readOwnTag, startChat, write } from "../person";

/** The client learns of its absence, comes back with a backoff and catches up. */
const RECOVERY_TIMEOUT_MS = 40_000;

test.beforeEach(({ expectedConsole }) => {
  expectedConsole.push(OFFLINE_CONSOLE);
});

test("P1, P4: what is written and missed while offline arrives once and in order when the connection is back", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await write(ben, "before the tunnel");
  await openRoom(ana, "Ben");
  await expect(bubble(ana, "before the tunnel")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });

  await ben.context.setOffline(true);
  await expect(ben.page.getByText(ben.t("connection.offline"))).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  await write(ben, "first from the tunnel");
  await write(ben, "second from the tunnel");
  await expectStatus(ben, "second from the tunnel", ["queued"]);
  await write(ana, "are you there?");
  await expectStatus(ana, "are you there?", ["sent"]);

  await ben.context.setOffline(false);
  await expectOrder(ana, ["before the tunnel", "are you there?", "first from the tunnel", "second from the tunnel"]);
  await expectOrder(ben, ["before the tunnel", "are you there?", "first from the tunnel", "second from the tunnel"]);
  await expect(ben.page.getByText(ben.t("connection.offline"))).toBeHidden();
});

test("P1: a message of a tab that was closed goes out when the person opens the next one", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await openRoom(ana, "Ben");
  const url = ben.page.url();

  await ben.context.setOffline(true);
  await write(ben, "written in a tab that closes");
  await expectStatus(ben, "written in a tab that closes", ["queued"]);
  await ben.page.close();
  await ben.context.setOffline(false);
  ben.page = await ben.context.newPage();
  await ben.page.goto(url);

  await expect(bubble(ana, "written in a tab that closes")).toHaveCount(1, { timeout: RECOVERY_TIMEOUT_MS });
  await expectStatus(ben, "written in a tab that closes", ["sent", "delivered", "read"]);
  await expect(bubble(ben, "written in a tab that closes")).toHaveCount(1);
});

async function expectOrder(person: Parameters<typeof bubble>[0], texts: readonly string[]): Promise<void> {
  const articles = person.page.getByRole("log", { name: person.t("conversation.messages") }).getByRole("article");
  await expect(articles).toHaveCount(texts.length, { timeout: RECOVERY_TIMEOUT_MS });
  for (const [index, text] of texts.entries()) await expect(articles.nth(index)).toContainText(text);
}
