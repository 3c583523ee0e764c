import type { Page } from "playwright-core";

/** What stands on a page of the app, read by role as a person would find it. */
export interface Reading {
  /** The texts of the messages in sight. */
  readonly messages: string[];
  readonly heading: string;
  /** Of the rows of the list: names and previews. */
  readonly list: string[];
  /** In the details: the room, its members, what somebody says about themselves. */
  readonly details: string[];
  readonly about: string;
  /** Above the messages of a group. */
  readonly senders: string[];
  /** For assistive technology: of messages and buttons. */
  readonly labels: string[];
  /** Below the heading: who is typing. */
  readonly subtitle: string;
  readonly title: string;
  /** Elements inside of what should be texts, links that lead elsewhere; but for addresses that a message may open. */
  readonly intruders: string[];
}

export function read(page: Page): Promise<Reading> {
  return page.evaluate(() => {
    const texts = (selector: string) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    const isAddress = (node: Element) => {
      const { href = "", rel = "", username = "", password = "" } = node instanceof HTMLAnchorElement ? node : {};
      const isAsWritten = node.getAttribute("href") === node.textContent && node.childElementCount === 0;
      const isSafe = /^https?:/u.test(href) && rel === "noopener noreferrer nofollow" && username + password === "";
      return isAsWritten && isSafe && node.closest("article p[lang]") !== null;
    };
    const inside = [...document.querySelectorAll("article p[lang] *, bdi *, dd[dir=auto] *, [role=log] p > b")];
    const links = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")];
    const foreign = links.filter((link) => new URL(link.href, location.href).origin !== location.origin);
    return {
      messages: texts("[role=log] article p[lang]"),
      heading: texts("header h1 bdi").join(""),
      list: texts("nav li bdi"),
      details: texts("aside bdi"),
      about: texts("aside dd[dir=auto]").join(""),
      senders: texts("article p > bdi"),
      labels: [...document.querySelectorAll("[aria-label]")].map((node) => node.getAttribute("aria-label") ?? ""),
      subtitle: texts("header").join(""),
      title: document.title,
      intruders: [...inside, ...foreign].filter((node) => !isAddress(node)).map((node) => node.outerHTML),
    };
  });
}
