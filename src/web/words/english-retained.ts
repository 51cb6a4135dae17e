// English words of the page "Retained messages".

export const englishRetained = {
  title: "Retained messages",
} as const;
