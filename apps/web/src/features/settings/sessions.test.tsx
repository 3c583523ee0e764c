// @vitest-environment happy-dom
import { newId } from "@ashchat/contracts/ids";
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import { Sessions } from "./sessions";

function aSession(fields: { name: string; os: string; current: boolean }) {
  const { current, ...device } = fields;
  return { sessionId: newId("ses"), device, createdAt: 0, lastSeenAt: 0, current };
}

describe("Sessions", () => {
  useCleanConsole();

  it("names a device also where its browser does not say what it is", () => {
    const sessions = [
      aSession({ name: "Firefox", os: "Linux", current: true }),
      aSession({ name: "", os: "", current: false }),
    ];
    renderInEnglish(<Sessions sessions={sessions} revoke={async () => null} revokeOthers={async () => null} />);
    expect(screen.getByText("Firefox, Linux")).toBeTruthy();
    expect(screen.getByText("Unknown device")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Sign out Unknown device" })).toBeTruthy();
  });
});
