import type { Language } from "@ashchat/contracts/languages";

export interface DemoPerson {
  key: DemoName;
  email: string;
  name: string;
  language: Language;
  about: string;
}
export type DemoName = "ana" | "ben" | "chloe" | "joao";

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { key: "ana", email: "ana@demo.ashchat.example", name: "Ana", language: "es", about: "Cocinera en Sevilla." },
  {
    key: "ben",
    email: "ben@demo.ashchat.example",
    name: "Ben",
    language: "en",
    about: "Carpenter, gardener, early riser.",
  },
  {
    key: "chloe",
    email: "chloe@demo.ashchat.example",
    name: "Chloé",
    language: "fr",
    about: "Professeure de musique à Lyon.",
  },
  { key: "joao", email: "joao@demo.ashchat.example", name: "João", language: "pt", about: "Moro perto do mar." },
];

export interface DemoLine {
  by: DemoName;
  text: string;
}

/** Plain sentences, which the offline engine can translate well enough to be read. */
export const DIRECT_LINES: readonly DemoLine[] = [
  { by: "ben", text: "Good morning, Ana! The kitchen table is finished." },
  { by: "ana", text: "¡Buenos días, Ben! La mesa es muy bonita." },
  { by: "ben", text: "Thank you. I can bring it on Saturday." },
  { by: "ana", text: "El sábado es un buen día. La casa está abierta toda la mañana." },
  { by: "ben", text: "The address is still https://maps.example/calle-feria-12, right?" },
  { by: "ana", text: "Sí, la dirección es la misma. Tengo café para ti ☕" },
];

export const GROUP_TITLE = "Summer house";
export const GROUP_LINES: readonly DemoLine[] = [
  { by: "chloe", text: "Bonjour à tous ! La maison est libre en juillet." },
  { by: "joao", text: "Que boa notícia! A casa tem um jardim grande?" },
  { by: "chloe", text: "Oui, le jardin est grand et la mer est à dix minutes." },
  { by: "ana", text: "Yo puedo cocinar el primer día." },
  { by: "ben", text: "And I can repair the old door." },
  { by: "joao", text: "Eu levo a música 🎶" },
];
