"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { SkeletonList } from "../../components/ui/skeleton";

/** How often the page looks whether the profile is there. */
const LOOK_MS = 1_000;

/** The account is new and its profile is being made by a worker: looks again until it is there. */
export function ProfilePending() {
  const t = useTranslations("settings");
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), LOOK_MS);
    return () => clearInterval(timer);
  }, [router]);
  return (
    <main className="mx-auto flex w-full max-w-md flex-1 flex-col gap-4 p-6">
      <p className="animate-late text-center text-muted">{t("notReady")}</p>
      <SkeletonList rows={4} label={t("notReady")} />
    </main>
  );
}
