// English words of the page "Chart".

export const englishChart = {
  title: "Chart",
} as const;
