"use client";

import { CrashNotice } from "./crash-notice";
import "./globals.css";

/** The last resort: the frame of the page itself could not be drawn. */
export default function GlobalError({ retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <CrashNotice retry={retry} />
      </body>
    </html>
  );
}
