// English words of the page "Handlers".

export const englishHandlers = {
  title: "Handlers",
} as const;
