import { expect, test } from "vitest";
import { createMailbox } from "./mailbox.mjs";
import { renderPage } from "./page.mjs";

const mail = (subject, text = "") => ({ subject, text, html: "" });

test("the newest mail comes first and addresses compare without case", () => {
  const mailbox = createMailbox();
  mailbox.add(mail("one"), ["Ana@Example.org"]);
  mailbox.add(mail("two"), ["ben@example.org"]);
  mailbox.add(mail("three"), ["ana@example.org"]);
  expect(mailbox.list("ANA@example.org").map(({ subject }) => subject)).toEqual(["three", "one"]);
});

test("only the newest 500 mails are kept", () => {
  const mailbox = createMailbox();
  for (let count = 1; count <= 501; count += 1) mailbox.add(mail(`mail ${count}`), ["ana@example.org"]);
  expect(mailbox.list()).toHaveLength(500);
  expect(mailbox.list().at(-1)?.subject).toBe("mail 2");
});

test.each([
  ["123456 is your code", "", "123456"],
  ["Your code", "It is 123 456.", "123456"],
  ["Order 1234567", "no code here", null],
])("the code of a mail %j %j is %j", (subject, text, code) => {
  const mailbox = createMailbox();
  mailbox.add(mail(subject, text), ["ana@example.org"]);
  expect(mailbox.list()[0].code).toBe(code);
});

test("the page shows what a mail says as text, never as markup", () => {
  const mailbox = createMailbox();
  mailbox.add(mail("<script>alert(1)</script>", "<img src=x>"), ['"<b>"@example.org']);
  const page = renderPage(mailbox.list());
  expect(page).not.toMatch(/<script|<img|<b>"/);
  expect(page).toContain("&lt;script&gt;");
});
