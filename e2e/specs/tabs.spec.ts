import { expect, test } from "../fixtures";
import { bubble, LIVE_TIMEOUT_MS, openRoom, readOwnTag, roomLink, startChat, write, type Person } from "../person";

test("a draft stays in its room on this device, also over a reload, and is gone once sent", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  const eva = await somebody({ name: "Eva", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await startChat(ben, await readOwnTag(eva));
  const composer = ben.page.getByRole("textbox", { name: ben.t("composer.label") });
  await composer.fill("half a thought for Eva");
  await openRoom(ben, "Ana");
  await expect(composer).toHaveValue("");
  await openRoom(ben, "Eva");
  await expect(composer).toHaveValue("half a thought for Eva");
  await ben.page.reload();
  await expect(composer).toHaveValue("half a thought for Eva");
  await composer.press("Enter");
  await expect(composer).toHaveValue("");
  await ben.page.reload();
  await expect(bubble(ben, "half a thought for Eva")).toHaveCount(1);
  await expect(composer).toHaveValue("");
});

test("two tabs of one person show the same: sent, received and read", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  const other: Person = { ...ben, page: await ben.context.newPage() };
  await other.page.goto("/chat");
  await write(ben, "from the first tab");
  await openRoom(other, "Ana");
  await expect(bubble(other, "from the first tab")).toHaveCount(1, { timeout: LIVE_TIMEOUT_MS });
  await other.page.goto("/chat");

  await openRoom(ana, "Ben");
  await ben.page.goto("/chat");
  for (const tab of [ben, other]) await expect(roomLink(tab, "Ana")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  await write(ana, "to whoever looks");
  for (const tab of [ben, other]) await expect(tab.page).toHaveTitle(/^\(1\) /u, { timeout: LIVE_TIMEOUT_MS });
  await ben.page.bringToFront();
  await openRoom(ben, "Ana");
  await expect(bubble(ben, "to whoever looks")).toHaveCount(1);
  // Read in one tab is read in the other.
  await expect(other.page).toHaveTitle(/^[^(]/u, { timeout: LIVE_TIMEOUT_MS });
});
