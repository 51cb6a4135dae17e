// What strangers write into topics, payloads, client ids and user properties to make a page run it.

export const HOSTILE_TEXTS = [
  "<img src=x onerror=window.hacked=1>",
  "<script>window.hacked=1</script>",
  '"><svg onload=window.hacked=1>',
  "'-window.hacked=1-'",
  "javascript:window.hacked=1",
  "{{constructor.constructor('window.hacked=1')()}}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what an attacker writes.
  "${window.hacked=1}",
  "</script><script>window.hacked=1</script>",
  "<iframe srcdoc='<script>parent.hacked=1</script>'>",
  "__proto__",
  "constructor",
  '<a href="javascript:window.hacked=1">click</a>',
  "<style>*{display:none}</style>",
  "data:text/html,<script>window.hacked=1</script>",
  "‮gpj.exe",
  "Z̸̡a̷l͏go",
  "a".repeat(3_000),
] as const;

/** As levels of a topic: what MQTT forbids in a name is taken out. */
export const HOSTILE_LEVELS = HOSTILE_TEXTS.map((text) => text.replaceAll(/[+#/\0]/g, ""));
