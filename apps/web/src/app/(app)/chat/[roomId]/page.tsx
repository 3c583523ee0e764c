import { roomIdSchema } from "@ashchat/contracts/ids";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { RoomScreen } from "./room-screen";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("conversation");
  return { title: t("unnamed") };
}

export default async function RoomPage({ params, searchParams }: PageProps<"/chat/[roomId]">) {
  const [{ roomId }, query] = await Promise.all([params, searchParams]);
  const parsed = roomIdSchema.safeParse(roomId);
  if (!parsed.success) notFound();
  return <RoomScreen key={parsed.data} roomId={parsed.data} showsDetails={query["details"] !== undefined} />;
}
