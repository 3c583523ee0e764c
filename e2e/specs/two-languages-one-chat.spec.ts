import { expect, test } from "../fixtures";
import {
  bubble,
  expectStatus,
  expectTranslated,
  LIVE_TIMEOUT_MS,
  openRoom,
  readOwnTag,
  startChat,
  write,
} from "../person";

test("two strangers sign up, find each other by tag and read each other in their own languages", async ({
  newcomer,
}) => {
  const ana = await newcomer({ name: "Ana", language: "es" });
  const ben = await newcomer({ name: "Ben", language: "en" });

  await startChat(ben, await readOwnTag(ana));
  await write(ben, "Good morning, my friend");
  await expectStatus(ben, "Good morning, my friend", ["sent", "delivered", "read"]);

  await openRoom(ana, "Ben");
  await expectTranslated(ana, /Buenos? (?:días|mañana)/iu, "Good morning, my friend");

  await write(ana, "La casa es grande");
  await expectTranslated(ben, /house is big/iu, "La casa es grande");
  await expectStatus(ana, "La casa es grande", ["read"]);

  // One's own messages stay as they were written.
  await expect(bubble(ana, "La casa es grande")).toHaveCount(1);
  await expect(bubble(ana, /house/iu)).toHaveCount(0);

  for (const person of [ana, ben]) await person.page.reload();
  await expect(bubble(ben, /house is big/iu)).toHaveCount(1, { timeout: LIVE_TIMEOUT_MS });
  await expect(bubble(ana, /Buenos? (?:días|mañana)/iu)).toHaveCount(1);
  await expect(bubble(ana, "La casa es grande")).toHaveCount(1);
});

test("French and English are read in each other through a third language", async ({ somebody }) => {
  const chloe = await somebody({ name: "Chloé", language: "fr" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(chloe));
  await openRoom(chloe, "Ben");
  await write(chloe, "La maison est grande et le jardin est petit");
  await expectTranslated(ben, /house is big/iu, "La maison est grande");
  await write(ben, "The house is big");
  await expectTranslated(chloe, /maison est grande(?! et)/iu, "The house is big");
});
