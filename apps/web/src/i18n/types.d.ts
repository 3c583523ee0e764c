import type { UiLanguage } from "@ashchat/contracts/languages";
import type messages from "../../messages/en.json";

declare module "next-intl" {
  interface AppConfig {
    Locale: UiLanguage;
    Messages: typeof messages;
  }
}
