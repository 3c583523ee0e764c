import { LIMITS } from "@ashchat/contracts/limits";
import { codeFor } from "@ashchat/visitor/sign-up";
import { expect, test } from "../fixtures";
import { readOwnTag } from "../person";
import { stackFromEnv } from "../stack";
import { textsOf } from "../texts";

const t = textsOf("en");
const PASSWORD = "a long enough password";

test("a wrong address is corrected without filling the form again, and the first screen leads to a first chat", async ({
  page,
  somebody,
}) => {
  const ben = await somebody({ name: "Ben", language: "en" });
  const tag = await readOwnTag(ben);
  const right = `ana-${Date.now().toString(36)}@example.org`;
  await page.clock.install();
  await page.goto("/sign-up");
  const email = page.getByRole("textbox", { name: t("fields.email") });
  await email.fill(`typo-${right}`);
  await page.getByRole("textbox", { name: t("fields.name") }).fill("Ana");
  await page.getByLabel(t("fields.password"), { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: t("signUp.submit") }).click();

  // A new code can be asked for when the countdown is over, not before.
  const resend = page.getByRole("button", { name: /^Send a new code/u });
  await expect(resend).toBeDisabled();
  await expect(resend).toHaveText(/ in \d+ seconds/u);
  await page.clock.fastForward(LIMITS.codeResendAfterMs);
  await expect(resend).toBeEnabled();
  await expect(resend).toHaveText(t("code.resend"));

  await page.getByRole("button", { name: t("code.changeAddress") }).click();
  await expect(email).toHaveValue(`typo-${right}`);
  await expect(page.getByRole("textbox", { name: t("fields.name") })).toHaveValue("Ana");
  await expect(page.getByLabel(t("fields.password"), { exact: true })).toHaveValue(PASSWORD);
  await email.fill(right);
  await page.getByRole("button", { name: t("signUp.submit") }).click();
  const code = await codeFor(right, stackFromEnv().inboxUrl);
  // As it is pasted from a mail: six digits with a space, which send themselves.
  await page.getByRole("textbox", { name: t("code.label") }).fill(`${code.slice(0, 3)} ${code.slice(3)}`);

  await expect(page.getByRole("heading", { name: "Welcome, Ana" })).toBeVisible();
  await page.getByRole("textbox", { name: t("newChat.tag") }).fill(tag);
  await page.getByRole("button", { name: t("newChat.find") }).click();
  await page.getByRole("button", { name: t("newChat.start") }).click();
  await expect(page).toHaveURL(/\/chat\/room_/u);
  await expect(page.getByRole("heading", { name: t("conversation.empty") })).toBeVisible();
});

test("the language chosen at sign-up is that of the pages and of the mail, and its code can be pasted", async ({
  browser,
}) => {
  const [english, spanish] = [textsOf("en"), textsOf("es")];
  const nonce = Math.random().toString(36).slice(2, 10);
  const [wrong, right] = [`mistyped-${nonce}@example.org`, `right-${nonce}@example.org`];
  const context = await browser.newContext({ locale: "en-GB" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  await page.goto("/sign-up");
  await page.getByRole("textbox", { name: english("fields.email") }).fill(wrong);
  await page.getByRole("textbox", { name: english("fields.name") }).fill("Ana");
  await page.getByLabel(english("fields.password"), { exact: true }).fill(PASSWORD);
  const languages = page.getByRole("combobox", { name: english("signUp.language") });
  await expect(languages).toHaveValue("en");
  await languages.selectOption("es");
  await page.getByRole("button", { name: spanish("signUp.submit") }).click();

  const field = page.getByRole("textbox", { name: spanish("code.label") });
  await expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await expect(page.getByText(wrong)).toBeVisible();
  await expect(page.getByRole("button", { name: /\d+ segundos?/u })).toBeDisabled();
  await page.getByRole("button", { name: spanish("code.changeAddress") }).click();

  const address = page.getByRole("textbox", { name: spanish("fields.email") });
  await expect(address).toHaveValue(wrong);
  await expect(page.getByRole("textbox", { name: spanish("fields.name") })).toHaveValue("Ana");
  await expect(page.getByLabel(spanish("fields.password"), { exact: true })).toHaveValue(PASSWORD);
  await address.fill(right);
  await page.getByRole("button", { name: spanish("signUp.submit") }).click();

  await expect(page.getByText(right)).toBeVisible();
  const { inboxUrl } = stackFromEnv();
  const code = await codeFor(right, inboxUrl);
  const mails: unknown = await (await fetch(`${inboxUrl}/api/mails?to=${right}`)).json();
  expect(mails).toMatchObject([{ subject: expect.stringContaining(code) }]);
  await page.evaluate((text) => navigator.clipboard.writeText(text), `${code.slice(0, 3)} ${code.slice(3)}`);
  await field.focus();
  await page.keyboard.press("ControlOrMeta+V");
  await expect(page.getByRole("heading", { name: spanish("rooms.title") })).toBeVisible();
  await context.close();
});

test("the icon is there for a browser that asks before it has read the page", async ({ request }) => {
  const icon = await request.get("/favicon.ico");
  expect(icon.status()).toBe(200);
  expect(icon.headers()["content-type"]).toMatch(/icon/u);
});
