// CSV as RFC 4180 has it, and as a spreadsheet may open it.

import { expect, test } from "bun:test";
import { toCsvLine } from "../../src/http/csv.ts";

test.each([
  [["a", 1, true], "a,1,true\r\n"],
  [["", "a b"], ",a b\r\n"],
  [["a,b", 'say "x"', "two\nlines"], '"a,b","say ""x""","two\nlines"\r\n'],
  [["=1+1", "+cmd|x", "@SUM(A1)", "-2+3"], "'=1+1,'+cmd|x,'@SUM(A1),'-2+3\r\n"],
  [["\t=1", " =1", "\r=1", "＝1"], "'\t=1,' =1,\"'\r=1\",'＝1\r\n"],
  [["-5", "+5.25", "-1e3", "21.5"], "-5,+5.25,-1e3,21.5\r\n"],
])("%j", (cells, line) => {
  expect(toCsvLine(cells)).toBe(line);
});
