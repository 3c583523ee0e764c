"use client";

import { CrashNotice } from "../crash-notice";

export default function EntryCrash({ retry }: { error: unknown; retry: () => void }) {
  return <CrashNotice retry={retry} />;
}
