"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

interface CopyButtonProps {
  text: string;
  label: string;
  copiedLabel: string;
}

/** How long "Copied" stays. */
const SHOWN_MS = 2_000;

export function CopyButton({ text, label, copiedLabel }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Refused by the browser: the text stands beside the button and can be selected.
      setCopied(false);
    }
  }

  return (
    <Button variant="secondary" onClick={() => void copy()}>
      {copied ? <Check aria-hidden className="size-4.5 text-success" /> : <Copy aria-hidden className="size-4.5" />}
      <span aria-live="polite">{copied ? copiedLabel : label}</span>
    </Button>
  );
}
