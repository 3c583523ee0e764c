import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ChatHome } from "./chat-home";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("rooms");
  return { title: t("title") };
}

/** Beside the list on a wide screen; on a phone the list is the whole page. */
export default function ChatPage() {
  return (
    <div className="flex min-h-0 flex-1 overflow-y-auto">
      <div className="m-auto w-full">
        <ChatHome />
      </div>
    </div>
  );
}
