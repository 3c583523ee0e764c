import type { Language } from "@ashchat/contracts/languages";

/** "Hello! What shall we talk about today?" in every reading language: shown while one is being chosen. */
export const LANGUAGE_SAMPLES: Record<Language, string> = {
  ar: "مرحبًا! عمّ نتحدث اليوم؟",
  bn: "হ্যালো! আজ আমরা কী নিয়ে কথা বলব?",
  ca: "Hola! De què parlem avui?",
  de: "Hallo! Worüber reden wir heute?",
  en: "Hello! What shall we talk about today?",
  es: "¡Hola! ¿De qué hablamos hoy?",
  fa: "سلام! امروز دربارهٔ چه حرف بزنیم؟",
  fr: "Bonjour ! De quoi parlons-nous aujourd’hui ?",
  he: "שלום! על מה נדבר היום?",
  hi: "नमस्ते! आज हम किस बारे में बात करें?",
  it: "Ciao! Di cosa parliamo oggi?",
  ja: "こんにちは！今日は何を話しましょうか？",
  ko: "안녕하세요! 오늘은 무슨 이야기를 할까요?",
  nl: "Hallo! Waar zullen we het vandaag over hebben?",
  pl: "Cześć! O czym dziś porozmawiamy?",
  pt: "Olá! Sobre o que vamos conversar hoje?",
  ru: "Привет! О чём поговорим сегодня?",
  tr: "Merhaba! Bugün ne konuşalım?",
  uk: "Привіт! Про що поговоримо сьогодні?",
  ur: "سلام! آج ہم کس بارے میں بات کریں؟",
  vi: "Xin chào! Hôm nay mình nói về chuyện gì nhỉ?",
  zh: "你好！今天我们聊点什么？",
};
