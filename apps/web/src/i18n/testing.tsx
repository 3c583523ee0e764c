import { cleanup, render, type RenderResult } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import type { ReactElement, ReactNode } from "react";
import { afterEach, beforeEach, expect, vi } from "vitest";
import messages from "../../messages/en.json";

/** Draws a component with the English catalogue, as a page would. */
export function renderInEnglish(element: ReactElement): RenderResult {
  return render(element, { wrapper: English });
}

function English({ children }: { children: ReactNode }) {
  return (
    <NextIntlClientProvider locale="en" messages={messages} timeZone="UTC">
      {children}
    </NextIntlClientProvider>
  );
}

/** Every test of a component: nothing may be written to the console as an error or warning, and the page is emptied. */
export function useCleanConsole(): void {
  beforeEach(() => {
    vi.spyOn(console, "error");
    vi.spyOn(console, "warn");
  });
  afterEach(() => {
    cleanup();
    expect(console.error).not.toHaveBeenCalled();
    expect(console.warn).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
}
