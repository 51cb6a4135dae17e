// English words of the chart of numbers.

export const englishChart = {
  title: "Chart",
  label: { one: "{count} number over time", other: "{count} numbers over time" },
  value: "the payload",
  remove: "Take {name} out of the chart",
  clear: "Close the chart",
  zoom: "Drag over a span to see it alone; double-click for all.",
  time: "Time",
  latest: "latest",
  lowest: "lowest",
  highest: "highest",
  series: "Number",
  table: "As a table",
  tableHint: { one: "The newest value", other: "The newest {count} values" },
  none: "None of the messages has this number.",
} as const;
