// English words of the page "Broker".

export const englishBroker = {
  title: "Broker",
} as const;
