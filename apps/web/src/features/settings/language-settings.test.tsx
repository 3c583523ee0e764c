// @vitest-environment happy-dom
import type { Me, UpdateProfileInput } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { newId } from "@ashchat/contracts/ids";
import { act, fireEvent, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { languageOptions } from "../../i18n/language-names";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import { LanguageSettings } from "./language-settings";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh() {} }) }));

const me: Me = {
  profile: { userId: newId("usr"), name: "Ana", tag: "ana-4k7q", about: "", language: "en" },
  email: "ana@example.org",
  sessionId: newId("ses"),
  understands: ["de"],
  uiLanguage: "en",
};

/** Settings whose server answers when the test says so. */
function renderSettings() {
  const asked: UpdateProfileInput[] = [];
  const answers: ((refusal: ErrorCode | null) => void)[] = [];
  const update = (input: UpdateProfileInput) => {
    asked.push(input);
    return new Promise<ErrorCode | null>((answer) => answers.push(answer));
  };
  renderInEnglish(<LanguageSettings me={me} languages={languageOptions()} update={update} />);
  const box = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name });
  const answer = (refusal: ErrorCode | null) => act(async () => answers.shift()?.(refusal));
  return { asked, box, answer };
}

describe("LanguageSettings", () => {
  useCleanConsole();

  it("keeps every language that is ticked while another one is still being saved", () => {
    const { asked, box } = renderSettings();
    fireEvent.click(box("Español"));
    fireEvent.click(box("Français"));
    expect(asked).toEqual([{ understands: ["de", "es"] }, { understands: ["de", "es", "fr"] }]);
    expect([box("Español").checked, box("Français").checked]).toEqual([true, true]);
  });

  it("shows what stands, and why, when a tick could not be saved", async () => {
    const { box, answer } = renderSettings();
    fireEvent.click(box("Español"));
    await answer("unavailable");
    expect(box("Español").checked).toBe(false);
    expect(screen.getByRole("alert")).toBeTruthy();
  });
});
