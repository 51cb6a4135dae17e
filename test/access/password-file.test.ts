// The password file, between us and Mosquitto's own tool in both directions, and what is no line
// of one.

import { describe, expect, test } from "bun:test";
import {
  findUsernameProblem,
  parsePasswordFile,
  withoutUser,
  withPassword,
} from "../../src/access/password-file.ts";
import { hashPassword, isPasswordOf, parsePasswordHash } from "../../src/access/password-hash.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const SALT = Buffer.alloc(12, "s").toString("base64");
const DIGEST = Buffer.alloc(64, "d").toString("base64");
const HASH = `$7$101$${SALT}$${DIGEST}`;

const parse = (content: string | Uint8Array) => parsePasswordFile(Buffer.from(content), "users");

function failureOf(content: string | Uint8Array): string {
  try {
    parse(content);
  } catch (error) {
    if (error instanceof ViadutoError) return `${error.exitCode} ${error.code} ${error.message}`;
    throw error;
  }
  return "none";
}

describe("a password file", () => {
  test("has users, comments, blank lines and either line end", () => {
    const hashes = parse(`\ufeff# users\r\n\r\nana:${HASH}\r\n  \n#bob:${HASH}\n ida : ${HASH} `);
    expect([...hashes.keys()]).toEqual(["ana", "ida"]);
    expect(hashes.get("ana")?.iterations).toBe(101);
  });

  test("may be empty", () => {
    expect(parse("").size).toBe(0);
  });

  test("takes names that objects have, and those of other scripts", () => {
    const names = ["__proto__", "constructor", "toString", "Ünal 東京", "a b", "a$b"];
    const hashes = parse(names.map((name) => `${name}:${HASH}\n`).join(""));
    expect([...hashes.keys()]).toEqual(names);
    expect(parse("").has("constructor")).toBe(false);
  });

  test.each([
    ["ana", "it has no ':' between user and password"],
    [`:${HASH}`, "its user name is empty"],
    [`a\tb:${HASH}`, "its user name has a control character"],
    [`a\0b:${HASH}`, "it has a NUL character"],
    ["ana:", "its password is not hashed, or not in Mosquitto's way"],
    ["ana:secret", "its password is not hashed, or not in Mosquitto's way"],
    [`ana:maria:${HASH}`, "its password is not hashed, or not in Mosquitto's way"],
    [`ana:${HASH}:x`, "its hash is not base64 of 64 bytes"],
    [`ana:$5$${SALT}$${DIGEST}`, "its password is not hashed, or not in Mosquitto's way"],
    [`ana:$7$0$${SALT}$${DIGEST}`, "its password is not hashed, or not in Mosquitto's way"],
    [`ana:$7$-1$${SALT}$${DIGEST}`, "its password is not hashed, or not in Mosquitto's way"],
    [`ana:$7$${SALT}$${DIGEST}`, "its password is not hashed, or not in Mosquitto's way"],
    [`ana:$7$9999999999$${SALT}$${DIGEST}`, "its hash has over 10000000 iterations"],
    [`ana:$6$!!!$${DIGEST}`, "its salt is not base64"],
    [`ana:$6$${SALT}$${DIGEST.slice(4)}`, "its hash is not base64 of 64 bytes"],
    [`ana:$6$${SALT}$-${DIGEST.slice(1)}`, "its hash is not base64 of 64 bytes"],
  ])("with a wrong line (%#) is refused with its place", (line, reason) => {
    const message = `users:3 is no line of a password file: ${reason}`;
    expect(failureOf(`# one\nida:${HASH}\n${line}\nlast:${HASH}\n`)).toBe(
      `2 password_line_invalid ${message}`,
    );
  });

  test("that is not UTF-8 is refused with its place", () => {
    const bytes = Buffer.concat([Buffer.from(`ida:${HASH}\nü:`), Buffer.from([0xff, 0x0a])]);
    expect(failureOf(bytes)).toContain("users:2 is no line of a password file: it is not UTF-8");
    expect(failureOf(Buffer.from([0xc3]))).toContain("users:1 ");
  });

  test("that is refused does not have its password repeated", () => {
    for (const line of ["ana:hunter2", "ana:$7$1$hunter2$hunter2", "hunter2", "ana:$7$hunter2"]) {
      expect(failureOf(line)).not.toContain("hunter2");
    }
  });

  test("may be huge: 100,000 users, and a line of a million characters", () => {
    const lines = Array.from({ length: 100_000 }, (_, at) => `user-${at}:${HASH}\n`);
    expect(parse(lines.join("")).size).toBe(100_000);
    expect(failureOf(`${"x".repeat(1_000_000)}:${HASH}`)).toContain("is over 65535 bytes");
    expect(failureOf(`ana:${"$".repeat(1_000_000)}`)).toContain("is not hashed");
    expect(failureOf(`ana:$6$${"A".repeat(1_000_000)}`)).toContain("is not hashed");
  });
});

describe("a hash", () => {
  test("is of the one password alone, whatever bytes it has", async () => {
    for (const password of ["geheim", "", "ünï", "a\0b", "x".repeat(65_535)]) {
      const hash = parsePasswordHash(await hashPassword(Buffer.from(password)));
      expect(await isPasswordOf(hash, Buffer.from(password))).toBe(true);
      expect(await isPasswordOf(hash, Buffer.from(`${password}x`))).toBe(false);
    }
    const hash = parsePasswordHash(await hashPassword(Buffer.from("a\0b")));
    expect(await isPasswordOf(hash, Buffer.from("a"))).toBe(false);
  });

  test("of the same password is another each time", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => hashPassword(Buffer.from("geheim"))));
    expect(one).toMatch(/^\$7\$20000\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
    expect(other).not.toBe(one ?? "");
  });

  test("leaves the event loop free while it is computed", async () => {
    const order: string[] = [];
    const slow = parsePasswordHash(`$7$1000000$${SALT}$${DIGEST}`);
    const checking = isPasswordOf(slow, Buffer.from("x")).then(() => order.push("hash"));
    const turn = Promise.withResolvers<void>();
    setImmediate(() => {
      order.push("loop");
      turn.resolve();
    });
    await Promise.all([checking, turn.promise]);
    expect(order).toEqual(["loop", "hash"]);
  });
});

describe("changing the text", () => {
  const text = "# ours\r\nana:old\r\n\r\n# ida:kept\r\nida:x\r\n";

  test("puts a password in its line, and keeps all others byte for byte", () => {
    expect(withPassword(text, "ana", "new")).toBe(text.replace("ana:old", "ana:new"));
  });

  test("adds a user at the end, on a line of its own", () => {
    expect(withPassword(text, "bob", "b")).toBe(`${text}bob:b\r\n`);
    expect(withPassword("ana:a", "bob", "b")).toBe("ana:a\nbob:b\n");
    expect(withPassword("", "bob", "b")).toBe("bob:b\n");
  });

  test("of a user who is there twice changes the line that counts, and removes both", () => {
    expect(withPassword("ana:1\nana:2\n", "ana", "3")).toBe("ana:1\nana:3\n");
    expect(withoutUser("ana:1\nida:x\nana:2\n", "ana")).toBe("ida:x\n");
  });

  test("removes a user, not a comment and not who is called alike", () => {
    expect(withoutUser(text, "ida")).toBe("# ours\r\nana:old\r\n\r\n# ida:kept\r\n");
    expect(withoutUser(text, "id")).toBeUndefined();
    expect(withoutUser(text, "# ida")).toBeUndefined();
  });

  test("takes what stands in a replacement literally", () => {
    expect(withPassword("ana:1\n", "ana", "$&$1$`")).toBe("ana:$&$1$`\n");
  });
});

test.each([
  ["ana", undefined],
  ["a b", undefined],
  ["a#b", undefined],
  ["", "is empty"],
  ["a:b", "has a ':', which ends the name in the file"],
  ["a\nb", "has a control character"],
  [" ana", "has blanks around it"],
  ["#ana", "begins with '#', which makes its line a comment"],
  ["\ud800", "is not valid Unicode"],
  ["x".repeat(65_536), "is over 65535 bytes"],
])("a user name (%#) is refused when no line can be for it", (username, problem) => {
  expect(findUsernameProblem(username)).toBe(problem);
});

describeIf("mosquitto_passwd", "a file of mosquitto_passwd", () => {
  test.each([["sha512"], ["sha512-pbkdf2"]])("with -H %s is understood", async (kind) => {
    await using folder = await makeTemporaryFolder();
    const file = folder.pathOf("users");
    const passwords = { ana: "geheim", "Ünal 東京": "pässwörd €", ida: "$7$1$a$b" };
    let flags = ["-c"];
    for (const [username, password] of Object.entries(passwords)) {
      const args = ["-H", kind, ...flags, "-b", file, username, password];
      expect((await run("mosquitto_passwd", args)).exitCode).toBe(0);
      flags = [];
    }
    const hashes = parse(await folder.read("users"));
    for (const [username, password] of Object.entries(passwords)) {
      const hash = hashes.get(username);
      if (!hash) throw new Error(`${username} is missing`);
      expect(hash.iterations === undefined).toBe(kind === "sha512");
      expect(await isPasswordOf(hash, Buffer.from(password))).toBe(true);
      expect(await isPasswordOf(hash, Buffer.from(`${password} `))).toBe(false);
    }
  });

  test("can be ours: it changes and removes users in it", async () => {
    await using folder = await makeTemporaryFolder();
    const hash = await hashPassword(Buffer.from("geheim"));
    const file = await folder.write("users", `ana:${hash}\nida:${hash}\n`);
    await run("mosquitto_passwd", ["-b", file, "ana", "neu"]);
    await run("mosquitto_passwd", ["-D", file, "ida"]);
    const hashes = parse(await folder.read("users"));
    expect([...hashes.keys()]).toEqual(["ana"]);
    const changed = hashes.get("ana");
    expect(changed && (await isPasswordOf(changed, Buffer.from("neu")))).toBe(true);
  });
});
