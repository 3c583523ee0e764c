"use client";

import { useEffect, useState } from "react";
import { Button } from "../components/ui/button";
import { EmptyState } from "../components/ui/empty-state";

/** These stand here, not in the catalogues: what crashed may be what brings the catalogues. */
const TEXTS = {
  en: {
    title: "Something went wrong",
    body: "It is our fault, not yours. Messages that were sent are safe.",
    action: "Try again",
  },
  es: {
    title: "Algo ha fallado",
    body: "Es culpa nuestra, no tuya. Los mensajes enviados están a salvo.",
    action: "Reintentar",
  },
  pt: {
    title: "Algo deu errado",
    body: "A culpa é nossa, não sua. As mensagens enviadas estão a salvo.",
    action: "Tentar de novo",
  },
  fr: {
    title: "Une erreur s’est produite",
    body: "C’est notre faute, pas la vôtre. Les messages envoyés sont en sécurité.",
    action: "Réessayer",
  },
};

export function CrashNotice({ retry }: { retry: () => void }) {
  const [texts, setTexts] = useState(TEXTS.en);
  useEffect(() => {
    const found = Object.entries(TEXTS).find(([locale]) => locale === document.documentElement.lang);
    if (found) setTexts(found[1]);
  }, []);
  return (
    <main className="flex min-h-dvh items-center">
      <EmptyState level={1} title={texts.title} action={<Button onClick={retry}>{texts.action}</Button>}>
        {texts.body}
      </EmptyState>
    </main>
  );
}
