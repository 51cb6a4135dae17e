// English words of the page "Stage".

export const englishStage = {
  title: "Stage",
} as const;
