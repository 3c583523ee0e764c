import type { Language } from "@ashchat/contracts/languages";
import { pick, type Random } from "@ashchat/visitor/random";

/** The languages of the people of a run. */
export const RUN_LANGUAGES = ["en", "es", "pt", "fr"] as const satisfies readonly Language[];
export type RunLanguage = (typeof RUN_LANGUAGES)[number];

/** Part of some texts and of every password: must appear in no log. Letters only, so that nothing protects or cuts it. */
export const TEXT_CANARY = "kanarivogelzubrovka";
export const PASSWORD_CANARY = "Kanari-Passwort-4711";

/** Long enough that the language detector is never in doubt. */
const SENTENCES: Record<RunLanguage, readonly string[]> = {
  en: [
    "we will meet near the old bridge tomorrow morning and bring some bread for",
    "nobody told me that the train leaves so early on the weekend with",
    "please remember to close the window before you leave the house of",
    "my brother thinks that the weather will be much better next week with",
  ],
  es: [
    "nos vemos mañana por la mañana cerca del puente viejo y traemos pan para",
    "nadie me dijo que el tren sale tan temprano los fines de semana con",
    "por favor acuérdate de cerrar la ventana antes de salir de la casa de",
    "mi hermano cree que el tiempo será mucho mejor la próxima semana con",
  ],
  pt: [
    "amanhã de manhã a gente se encontra perto da ponte velha e leva pão para",
    "ninguém me disse que o trem não sai tão cedo nos fins de semana com",
    "por favor não esqueça de fechar a janela antes de você sair da casa de",
    "o meu irmão acha que na próxima semana o tempo vai estar muito melhor com",
  ],
  fr: [
    "nous nous retrouvons demain matin près du vieux pont et nous apportons du pain pour",
    "personne ne m'a dit que le train part si tôt le week-end avec",
    "n'oublie pas de fermer la fenêtre avant de quitter la maison de",
    "mon frère pense que le temps sera beaucoup meilleur la semaine prochaine avec",
  ],
};
const CONSONANTS = "bdfgklmnprstvz";
const VOWELS = "aeiou";
const SYLLABLES = 4;
const CANARY_EVERY = 25;

/** The `number`-th text of a run: no two are the same, so that every translation can be told from every other. */
export function textOf(number: number, language: RunLanguage, random: Random): string {
  const sentence = `${pick(random, SENTENCES[language])} ${wordOf(number)}`;
  return number % CANARY_EVERY === 0 ? `${sentence} ${TEXT_CANARY}` : sentence;
}

/** A made-up name for a number: nothing that a translator would protect as an identifier. */
function wordOf(number: number): string {
  let word = "";
  let rest = number;
  for (let syllable = 0; syllable < SYLLABLES; syllable += 1) {
    word += CONSONANTS.charAt(rest % CONSONANTS.length);
    rest = Math.floor(rest / CONSONANTS.length);
    word += VOWELS.charAt(rest % VOWELS.length);
    rest = Math.floor(rest / VOWELS.length);
  }
  return word;
}
