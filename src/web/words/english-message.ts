// English words of the page "Message".

export const englishMessage = {
  title: "Message",
} as const;
