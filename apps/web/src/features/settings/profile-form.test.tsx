// @vitest-environment happy-dom
import type { Me } from "@ashchat/contracts/api";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import { ProfileForm } from "./profile-form";

const me: Me = {
  profile: { userId: newId("usr"), name: "Ana", tag: "ana-4k7q", about: "", language: "en" },
  email: "ana@example.org",
  sessionId: newId("ses"),
  understands: [],
  uiLanguage: "en",
};

const field = (name: string) => screen.getByRole<HTMLInputElement>("textbox", { name });

describe("ProfileForm", () => {
  useCleanConsole();

  it("writes every name in its own direction", () => {
    renderInEnglish(<ProfileForm me={me} update={async () => null} />);
    expect(field("Name").dir).toBe("auto");
    expect(field("About you").dir).toBe("auto");
  });

  it("brings the focus to what is too long", async () => {
    renderInEnglish(<ProfileForm me={me} update={async () => null} />);
    const about = field("About you");
    fireEvent.change(about, { target: { value: "a".repeat(LIMITS.aboutCodePointsMax + 1) } });
    fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(about.getAttribute("aria-invalid")).toBe("true"));
    expect(document.activeElement).toBe(about);
  });
});
