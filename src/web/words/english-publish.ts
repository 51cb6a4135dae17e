// English words of the page "Publish".

export const englishPublish = {
  title: "Publish",
} as const;
