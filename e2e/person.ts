import { expect, type BrowserContext, type Locator, type Page } from "@playwright/test";
import type { Language, UiLanguage } from "@ashchat/contracts/languages";
import { sendMessageOutputSchema } from "@ashchat/contracts/api";
import { newClientId } from "@ashchat/contracts/ids";
import { openVisitor } from "@ashchat/visitor/browser";
import { codeFor } from "@ashchat/visitor/sign-up";
import { stackFromEnv } from "./stack";
import { patternOf, textsOf } from "./texts";

/** Somebody in front of a browser. Finds everything by role and name, in the language of their interface. */
export interface Person {
  name: string;
  email: string;
  password: string;
  language: Language;
  locale: UiLanguage;
  context: BrowserContext;
  page: Page;
  t: (key: string) => string;
}

/** A translation through two languages on busy cores. */
export const TRANSLATION_TIMEOUT_MS = 30_000;
/** "At once", as a bounded wait. */
export const LIVE_TIMEOUT_MS = 10_000;

export async function signUpThroughScreens(person: Person): Promise<void> {
  const { page } = person;
  const english = textsOf("en");
  await page.goto("/sign-up");
  await page.getByRole("textbox", { name: english("fields.email") }).fill(person.email);
  await page.getByRole("textbox", { name: english("fields.name") }).fill(person.name);
  await page.getByLabel(english("fields.password"), { exact: true }).fill(person.password);
  await page.getByRole("combobox", { name: english("signUp.language") }).selectOption(person.language);
  await page.getByRole("button", { name: person.t("signUp.submit") }).click();
  const field = page.getByRole("textbox", { name: person.t("code.label") });
  await expect(field).toBeVisible();
  await field.fill(await codeFor(person.email, stackFromEnv().inboxUrl));
  await expect(page.getByRole("heading", { name: person.t("rooms.title") })).toBeVisible();
}

export async function signInThroughScreens(person: Person): Promise<void> {
  const { page, t } = person;
  await page.goto("/sign-in");
  await page.getByRole("textbox", { name: t("fields.email") }).fill(person.email);
  await page.getByLabel(t("fields.password"), { exact: true }).fill(person.password);
  await page.getByRole("button", { name: t("signIn.submit") }).click();
  await expect(page.getByRole("heading", { name: t("rooms.title") })).toBeVisible();
}

/** One's own tag, as the dialog for a new chat shows it. */
export async function readOwnTag({ page, t }: Person): Promise<string> {
  await page
    .getByRole("button", { name: t("rooms.newChat") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  const tag = await dialog
    .getByText(/^@?[a-z0-9]{1,20}-[a-z0-9]{4,8}$/u)
    .first()
    .innerText();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  return tag.replace("@", "");
}

export async function startChat({ page, t }: Person, tag: string): Promise<void> {
  const before = page.url();
  await page
    .getByRole("button", { name: t("rooms.newChat") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: t("newChat.tag") }).fill(tag);
  await dialog.getByRole("button", { name: t("newChat.find") }).click();
  await dialog.getByRole("button", { name: t("newChat.start") }).click();
  // Another room may have been open.
  await expect(page).toHaveURL(({ href, pathname }) => href !== before && pathname.startsWith("/chat/room_"));
}

/** A room in the list. */
export function roomLink({ page, t }: Person, name: string): Locator {
  return page.getByRole("navigation", { name: t("rooms.list") }).getByRole("link", { name: new RegExp(name, "u") });
}

export async function openRoom(person: Person, name: string): Promise<void> {
  await roomLink(person, name).click();
  await expect(person.page.getByRole("textbox", { name: person.t("composer.label") })).toBeVisible();
}

/** Sends to the room that is open, in order, without typing each: for the history that a test needs. */
export async function sendMany({ page, email, password }: Person, texts: readonly string[]): Promise<void> {
  const visitor = openVisitor({ baseUrl: stackFromEnv().baseUrl });
  await visitor.signIn(email, password);
  const roomId = new URL(page.url()).pathname.split("/").at(-1);
  for (const text of texts)
    await visitor.mutate("message.send", { roomId, clientId: newClientId(), text }, sendMessageOutputSchema);
}

export async function write({ page, t }: Person, text: string): Promise<void> {
  const composer = page.getByRole("textbox", { name: t("composer.label") });
  await composer.fill(text);
  await composer.press("Enter");
}

/** The scrolling list of the open room. */
export function messageList({ page, t }: Person): Locator {
  return page.getByRole("log", { name: t("conversation.messages") });
}

/** The bubble in whose visible text `text` stands. */
export function bubble(person: Person, text: string | RegExp): Locator {
  return messageList(person).getByRole("article").filter({ hasText: text });
}

/** Where something stands on the screen; it must be there. */
export async function placeOf(target: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await target.boundingBox();
  if (box === null) throw new Error("it is not on the screen");
  return box;
}

/** Waits until one's own message has a status, given by its key: `sent`, `delivered` … */
export async function expectStatus(person: Person, text: string, statuses: readonly string[]): Promise<void> {
  const names = statuses.map((status) => person.t(`status.${status}`)).join("|");
  await expect(bubble(person, text).getByRole("img", { name: new RegExp(`^(${names})`, "u") })).toBeVisible({
    timeout: LIVE_TIMEOUT_MS,
  });
}

/** Waits for the translation and returns the bubble; checks that the original is one tap away. */
export async function expectTranslated(person: Person, wanted: RegExp, original: string): Promise<void> {
  const { t } = person;
  const translated = bubble(person, wanted);
  await expect(translated).toBeVisible({ timeout: TRANSLATION_TIMEOUT_MS });
  await expect(translated).toContainText(patternOf(t("message.translatedFrom")));
  await expect(translated.locator(`[lang="${person.language}"]`).first()).toHaveAttribute("dir", /ltr|rtl|auto/u);
  await translated.getByRole("button", { name: t("message.showOriginal") }).click();
  await expect(bubble(person, original)).toBeVisible();
  await bubble(person, original)
    .getByRole("button", { name: t("message.showTranslation") })
    .click();
  await expect(bubble(person, wanted)).toBeVisible();
}
