// English words of the page "Flow".

export const englishFlow = {
  title: "Flow",
} as const;
