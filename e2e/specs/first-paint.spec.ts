import { expect, test } from "../fixtures";
import { expectTranslated, openRoom, readOwnTag, startChat, write } from "../person";

test("the page itself brings the list of conversations in the reader's language, before any script and to nobody else", async ({
  somebody,
  browser,
}) => {
  const ana = await somebody({ name: "Ana", language: "es" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await write(ben, "Good morning, my friend");
  await openRoom(ana, "Ben");
  await expectTranslated(ana, /Buenos? (?:días|mañana)/iu, "Good morning, my friend");

  const withoutScripts = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await ana.context.storageState(),
  });
  const page = await withoutScripts.newPage();
  await page.goto(new URL("/chat", ana.page.url()).href);
  const list = page.getByRole("navigation", { name: ana.t("rooms.list") });
  await expect(list.getByRole("link")).toHaveCount(1);
  await expect(list.getByRole("link")).toContainText("Ben");
  await expect(list.getByRole("link")).toContainText(/Buenos? (?:días|mañana)/iu);
  await withoutScripts.close();

  const stranger = await browser.newContext();
  const answer = await stranger.request.get(new URL("/chat", ana.page.url()).href);
  expect(new URL(answer.url()).pathname).toBe("/sign-in");
  expect(await answer.text()).not.toContain("Ben");
  await stranger.close();
});
