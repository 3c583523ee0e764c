import type { MetadataRoute } from "next";
import { getTranslations } from "next-intl/server";

export default async function manifest(): Promise<MetadataRoute.Manifest> {
  const t = await getTranslations("app");
  return {
    id: "/chat",
    name: t("name"),
    short_name: t("name"),
    description: t("description"),
    start_url: "/chat",
    display: "standalone",
    background_color: "#f5f3ef",
    theme_color: "#f5f3ef",
    icons: [{ src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" }],
  };
}
