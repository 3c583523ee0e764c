import type { Language } from "@ashchat/contracts/languages";

/** What people write in chats, by language: the measure of the detector. */
export const CHAT_CORPUS: Partial<Readonly<Record<Language, readonly string[]>>> = {
  en: [
    "hey, how are you doing today?", "I'll be there in ten minutes", "can you send me the file please", "sorry I'm late, the train was stuck",
    "what time does it start?", "that sounds great, see you tomorrow", "did you watch the game last night", "I don't think that's a good idea",
    "happy birthday!! hope you have a great day", "let me know when you get home", "thanks a lot for your help", "where are you", "no worries at all",
    "we should meet next week", "it's raining again here", "the meeting was moved to Friday", "I love this song", "call me when you can",
    "who is coming to dinner tonight?", "my phone is almost dead",
  ],
  es: [
    "hola, ¿cómo estás?", "llego en diez minutos", "¿me puedes mandar el archivo por favor?", "perdona que llegue tarde, el tren se paró",
    "¿a qué hora empieza?", "me parece genial, nos vemos mañana", "¿viste el partido anoche?", "no creo que sea buena idea",
    "feliz cumpleaños!! que pases un gran día", "avísame cuando llegues a casa", "muchas gracias por tu ayuda", "donde estas", "no pasa nada",
    "tendríamos que quedar la semana que viene", "aquí está lloviendo otra vez", "la reunión se ha movido al viernes", "me encanta esta canción",
    "llámame cuando puedas", "¿quién viene a cenar esta noche?", "mi móvil se está quedando sin batería",
  ],
  pt: [
    "oi, tudo bem com você?", "chego em dez minutos", "você pode me mandar o arquivo por favor?", "desculpa o atraso, o trem parou",
    "que horas começa?", "acho ótimo, até amanhã", "você viu o jogo ontem à noite?", "não acho que seja uma boa ideia",
    "feliz aniversário!! tenha um ótimo dia", "me avisa quando chegar em casa", "muito obrigado pela ajuda", "onde você está", "não tem problema",
    "a gente devia se encontrar na semana que vem", "está chovendo de novo aqui", "a reunião passou para sexta-feira", "eu amo essa música",
    "me liga quando puder", "quem vem jantar hoje à noite?", "meu celular está quase sem bateria",
  ],
  fr: [
    "salut, comment ça va ?", "j'arrive dans dix minutes", "tu peux m'envoyer le fichier s'il te plaît ?", "désolé pour le retard, le train était bloqué",
    "ça commence à quelle heure ?", "super, on se voit demain", "tu as regardé le match hier soir ?", "je ne pense pas que ce soit une bonne idée",
    "joyeux anniversaire !! passe une belle journée", "dis-moi quand tu es rentré", "merci beaucoup pour ton aide", "tu es où", "pas de souci",
    "on devrait se voir la semaine prochaine", "il pleut encore ici", "la réunion est reportée à vendredi", "j'adore cette chanson",
    "appelle-moi quand tu peux", "qui vient dîner ce soir ?", "mon téléphone n'a presque plus de batterie",
  ],
  de: ["hallo, wie geht es dir heute?", "ich bin in zehn Minuten da", "kannst du mir die Datei schicken", "das klingt gut, bis morgen"],
  it: ["ciao, come stai oggi?", "arrivo tra dieci minuti", "puoi mandarmi il file per favore", "va bene, ci vediamo domani"],
  ca: ["hola, com estàs avui?", "arribo d'aquí a deu minuts", "em pots enviar el fitxer si us plau?", "ens veiem demà al matí"],
  nl: ["hoi, hoe gaat het met je?", "ik ben er over tien minuten", "kun je me het bestand sturen", "klinkt goed, tot morgen"],
  pl: ["cześć, jak się masz?", "będę za dziesięć minut", "możesz mi wysłać plik?", "brzmi dobrze, do zobaczenia jutro"],
  tr: ["merhaba, bugün nasılsın?", "on dakika içinde oradayım", "dosyayı bana gönderir misin", "harika, yarın görüşürüz"],
  vi: ["chào bạn, hôm nay bạn thế nào?", "mười phút nữa tôi đến", "bạn gửi cho tôi tệp được không", "hẹn gặp bạn ngày mai"],
  ru: ["привет, как дела сегодня?", "буду через десять минут", "можешь прислать мне файл?", "отлично, увидимся завтра"],
  uk: ["привіт, як справи сьогодні?", "буду за десять хвилин", "можеш надіслати мені файл?", "чудово, побачимося завтра"],
  ar: ["مرحبا، كيف حالك اليوم؟", "سأكون هناك بعد عشر دقائق", "هل يمكنك إرسال الملف من فضلك", "أراك غدا إن شاء الله"],
  fa: ["سلام، امروز چطوری؟", "ده دقیقه دیگر می‌رسم", "می‌توانی فایل را برایم بفرستی؟", "فردا می‌بینمت"],
  ur: ["ہیلو، آج آپ کیسے ہیں؟", "میں دس منٹ میں پہنچ رہا ہوں", "کیا آپ مجھے فائل بھیج سکتے ہیں؟", "کل ملتے ہیں"],
  he: ["היי, מה שלומך היום?", "אני מגיע בעוד עשר דקות", "נתראה מחר"],
  hi: ["नमस्ते, आप कैसे हैं?", "मैं दस मिनट में आ रहा हूँ", "कल मिलते हैं"],
  bn: ["হ্যালো, তুমি কেমন আছো?", "আমি দশ মিনিটে আসছি", "কাল দেখা হবে"],
  ja: ["こんにちは、元気ですか？", "あと10分で着きます", "また明日"],
  ko: ["안녕하세요, 잘 지내세요?", "10분 후에 도착해요", "내일 봐요"],
  zh: ["你好，你今天怎么样？", "我十分钟后到", "明天见"],
};

/** Nobody can tell what language these are: names, laughter, sounds, words that many share. */
export const UNTELLABLE: readonly string[] = [
  "ok", "OK!", "lol", "haha", "jajaja", "hmm", "hahaha", "Ana", "no", "si", "👍🏽", "https://example.org/hola-que-tal-amigo", "@ana-4k7q", "12:30", "ok ok",
  "super", "pizza", "wow", "AB-1234", "`const x = 1`", "mmm", "ja", "?", "taxi", "hotel", "bus", "wifi",
];
