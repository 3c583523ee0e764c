"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";
import { copyText } from "./copy-text";

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

  return (
    <Button variant="secondary" onClick={() => void copyText(text).then(setCopied)}>
      {copied ? <Check aria-hidden className="size-4.5 text-success" /> : <Copy aria-hidden className="size-4.5" />}
      <span aria-live="polite">{copied ? copiedLabel : label}</span>
    </Button>
  );
}
