import { LIMITS } from "@ashchat/contracts/limits";
import { expect, test } from "../fixtures";
import {
  bubble,
  LIVE_TIMEOUT_MS,
  openRoom,
  readOwnTag,
  signInThroughScreens,
  startChat,
  write,
  type Person,
} from "../person";

/** The promise of P13 and the time a screen needs to say it. */
const SIGNED_OUT_TIMEOUT_MS = LIMITS.revocationDeadlineMs + 3_000;

test("two devices of one person stay in step, and the one that is signed out stops at once", async ({
  somebody,
  browser,
}) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await write(ben, "on the first device");

  const context = await browser.newContext();
  const second: Person = { ...ben, context, page: await context.newPage() };
  await signInThroughScreens(second);
  await openRoom(second, "Ana");
  await expect(bubble(second, "on the first device")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  await write(second, "on the second device");
  await expect(bubble(ben, "on the second device")).toHaveCount(1, { timeout: LIVE_TIMEOUT_MS });

  await ben.page.goto("/settings");
  await ben.page.getByRole("button", { name: ben.t("settings.signOutOthers") }).click();
  await expect(
    second.page
      .getByText(second.t("connection.signedOut"))
      .or(second.page.getByRole("heading", { name: second.t("signIn.title") })),
  ).toBeVisible({ timeout: SIGNED_OUT_TIMEOUT_MS });
  await second.page.goto("/chat");
  await expect(second.page.getByRole("heading", { name: second.t("signIn.title") })).toBeVisible();
  await context.close();
});
