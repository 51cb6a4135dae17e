// English words of the page "Topics".

export const englishTopics = {
  title: "Topics",
} as const;
