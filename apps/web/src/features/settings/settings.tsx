"use client";

import type { UpdateProfileInput } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import type { Language } from "@ashchat/contracts/languages";
import type { Result } from "@ashchat/contracts/result";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, LogOut } from "lucide-react";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useMemo, useState } from "react";
import { useApi } from "../../app/providers/api";
import { useTRPC } from "../../app/providers/trpc";
import { InlineError } from "../../components/ui/banner";
import { Button } from "../../components/ui/button";
import { CopyButton } from "../../components/ui/copy-button";
import type { Option } from "../../components/ui/select";
import { Skeleton } from "../../components/ui/skeleton";
import { useMe, useRealtime } from "../../realtime/react";
import { endSession } from "./end-session";
import { inOrder } from "./in-order";
import { LanguageSettings } from "./language-settings";
import { ProfileForm } from "./profile-form";
import { Section } from "./section";
import { Sessions } from "./sessions";
import { forgetDrafts } from "./forget-drafts";
import { ThemeSetting } from "./theme-setting";
import { TranslationSupportView } from "./translation-support";

/** Everything that a person can set, on one page. */
export function Settings({ languages }: { languages: readonly (Option & { value: Language })[] }) {
  const t = useTranslations("settings");
  const client = useRealtime();
  const api = useApi();
  const me = useMe();

  const update = useMemo(
    () =>
      inOrder(async (input: UpdateProfileInput): Promise<ErrorCode | null> => {
        const answer = await api.updateProfile(input);
        if (!answer.ok) return answer.error.code;
        client.setMe(answer.value);
        return null;
      }),
    [api, client],
  );

  return (
    <main className="safe-block-start safe-block-end mx-auto flex w-full max-w-2xl flex-col gap-4 px-3 pb-16 wide:px-6">
      <header className="flex min-h-16 items-center gap-2">
        <Link
          href="/chat"
          aria-label={t("backToChats")}
          className="-ms-2 inline-flex size-11 items-center justify-center rounded-xl text-muted hover:bg-hover hover:text-text"
        >
          <ArrowLeft aria-hidden className="icon-directional size-5" />
        </Link>
        <h1 className="text-2xl font-semibold">{t("title")}</h1>
      </header>
      <Section title={t("profile")}>
        <TagRow tag={me.profile.tag} />
        <ProfileForm me={me} update={update} />
      </Section>
      <Section title={t("languages")}>
        <LanguageSettings me={me} languages={languages} update={update} />
      </Section>
      <Section title={t("translation")}>
        <Support into={me.profile.language} />
      </Section>
      <Section title={t("appearance")}>
        <ThemeSetting />
      </Section>
      <Section title={t("devices")}>
        <Devices />
      </Section>
      <Section title={t("account")}>
        <p className="text-muted">
          <bdi>{me.email}</bdi>
        </p>
        <SignOutButton />
      </Section>
    </main>
  );
}

function TagRow({ tag }: { tag: string }) {
  const t = useTranslations("newChat");
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-2xl bg-sunken p-4">
      <div>
        <p className="text-sm text-muted">{t("yourTag")}</p>
        <code dir="ltr" translate="no" className="font-sans text-lg font-semibold select-all">
          {tag}
        </code>
      </div>
      <CopyButton text={tag} label={t("copy")} copiedLabel={t("copied")} />
    </div>
  );
}

function Support({ into }: { into: Language }) {
  const trpc = useTRPC();
  const { data, isError, refetch } = useQuery(trpc.translation.support.queryOptions());
  if (data) return <TranslationSupportView support={data} into={into} />;
  if (isError) return <LoadFailed retry={() => void refetch()} />;
  return <Skeleton className="h-16" />;
}

function Devices() {
  const trpc = useTRPC();
  const api = useApi();
  const { data, isError, refetch } = useQuery(trpc.account.sessions.queryOptions());
  if (isError && !data) return <LoadFailed retry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-24" />;

  async function andReload(work: Promise<Result<unknown>>): Promise<ErrorCode | null> {
    const answer = await work;
    await refetch();
    return answer.ok ? null : answer.error.code;
  }

  return (
    <Sessions
      sessions={data.sessions}
      revoke={(sessionId) => andReload(api.revokeSession(sessionId))}
      revokeOthers={() => andReload(api.revokeOtherSessions())}
    />
  );
}

function LoadFailed({ retry }: { retry: () => void }) {
  const t = useTranslations("settings");
  const app = useTranslations("app");
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="text-muted">{t("loadFailed")}</p>
      <Button variant="secondary" onClick={retry}>
        {app("tryAgain")}
      </Button>
    </div>
  );
}

function SignOutButton() {
  const t = useTranslations("settings");
  const client = useRealtime();
  const api = useApi();
  const me = useMe();
  const errors = useTranslations("errors");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ErrorCode | null>(null);

  async function signOut(): Promise<void> {
    setBusy(true);
    setProblem(null);
    const refusal = await endSession({
      client,
      signOut: api.signOut,
      forget: () => forgetDrafts(me.profile.userId),
      leave: () => window.location.assign("/sign-in"),
    });
    // Until the new page is there the button stays busy.
    if (refusal === null) return;
    setBusy(false);
    setProblem(refusal);
  }

  return (
    <>
      {problem ? <InlineError>{errors(problem, { max: 0 })}</InlineError> : null}
      <Button variant="secondary" busy={busy} onClick={() => void signOut()}>
        <LogOut aria-hidden className="icon-directional size-5" />
        {busy ? t("signingOut") : t("signOut")}
      </Button>
    </>
  );
}
