// @vitest-environment happy-dom
import type { ErrorCode } from "@ashchat/contracts/errors";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import { codeDigits } from "./code-digits";
import { CodeForm } from "./code-form";

function renderCodeForm(options: { refusal?: ErrorCode | null; resendAt?: number } = {}) {
  const confirmed: string[] = [];
  const calls = { resent: 0, changed: 0 };
  renderInEnglish(
    <CodeForm
      email="ana@example.org"
      resendAt={options.resendAt ?? 0}
      confirm={async (code) => {
        confirmed.push(code);
        return options.refusal ?? null;
      }}
      resend={async () => {
        calls.resent += 1;
        return null;
      }}
      changeAddress={() => {
        calls.changed += 1;
      }}
    />,
  );
  const field = screen.getByRole<HTMLInputElement>("textbox", { name: "6-digit code" });
  const enter = (value: string) => act(async () => void fireEvent.change(field, { target: { value } }));
  return { field, enter, confirmed, calls };
}

describe("CodeForm", () => {
  useCleanConsole();

  it("is one field that phones fill in by themselves", () => {
    const { field } = renderCodeForm();
    expect(field.getAttribute("autocomplete")).toBe("one-time-code");
    expect(field.getAttribute("inputmode")).toBe("numeric");
    expect(screen.getAllByRole("textbox")).toHaveLength(1);
    expect(screen.getByText("ana@example.org")).toBeTruthy();
  });

  it("sends itself once when the sixth digit is there, also when it was pasted with spaces", async () => {
    const { enter, confirmed } = renderCodeForm();
    await enter("12345");
    expect(confirmed).toEqual([]);
    await enter(" 123 456 ");
    expect(confirmed).toEqual(["123456"]);
  });

  it("says why a code is refused and lets another one be tried", async () => {
    const { field, enter, confirmed } = renderCodeForm({ refusal: "code_wrong" });
    await enter("111111");
    await screen.findByText("That code is not right. Check the latest e-mail.");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    // The focus was in the field all the time: without this nobody would hear it.
    expect(screen.getByRole("alert").textContent).toBe("That code is not right. Check the latest e-mail.");
    await enter("222222");
    await waitFor(() => expect(confirmed).toEqual(["111111", "222222"]));
  });

  it("keeps the button for a new code closed while the countdown runs", () => {
    renderCodeForm({ resendAt: Date.now() + 42_000 });
    const button = screen.getByRole<HTMLButtonElement>("button", { name: /^Send a new code in 4[12] seconds$/ });
    expect(button.disabled).toBe(true);
  });

  it("asks for a new code once the countdown is over, and says that it is on its way", async () => {
    const { calls } = renderCodeForm();
    fireEvent.click(screen.getByRole("button", { name: "Send a new code" }));
    await screen.findByText("A new code is on its way.");
    expect(calls.resent).toBe(1);
  });

  it("leads back to the address", () => {
    const { calls } = renderCodeForm();
    fireEvent.click(screen.getByRole("button", { name: "Change it" }));
    expect(calls.changed).toBe(1);
  });
});

describe("codeDigits", () => {
  it.each([
    ["123456", "123456"],
    ["Your code: 123-456.", "123456"],
    ["１２３４５６", "123456"],
    ["1234567", "123456"],
    ["abc", ""],
  ])("of %j are %j", (typed, digits) => {
    expect(codeDigits(typed)).toBe(digits);
  });
});
