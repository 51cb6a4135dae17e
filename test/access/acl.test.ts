// What an ACL file's rules mean for a person: publishing, reading, and subscribing, where we refuse
// at SUBACK what Mosquitto grants and then never delivers.

import { describe, expect, test } from "bun:test";
import { createAcl, createPermissions, type Permissions } from "../../src/access/acl.ts";
import { parseAclFile } from "../../src/access/acl-file.ts";

function permissionsOf(text: string, username?: string, clientId = "device-1"): Permissions {
  const acl = createAcl(parseAclFile(Buffer.from(text), "acl"));
  return createPermissions(() => acl, { username, clientId });
}

/** "w" when it may publish, "r" when it may read, "-" else. */
function rightsAt(permissions: Permissions, topic: string): string {
  const r = permissions.mayRead(topic) ? "r" : "-";
  return `${r}${permissions.mayPublish(topic) ? "w" : "-"}`;
}

describe("rules", () => {
  test("give reading, writing, or both; what no rule names is refused", () => {
    const ana = permissionsOf(
      "user ana\ntopic read r\ntopic write w\ntopic readwrite b\ntopic d",
      "ana",
    );
    expect(["r", "w", "b", "d", "x"].map((topic) => rightsAt(ana, topic))).toEqual([
      "r-",
      "-w",
      "rw",
      "rw",
      "--",
    ]);
  });

  test("before the first user are for those without a name alone", () => {
    const text = "topic read open\nuser ana\ntopic own";
    expect(rightsAt(permissionsOf(text), "open")).toBe("r-");
    expect(rightsAt(permissionsOf(text), "own")).toBe("--");
    expect(rightsAt(permissionsOf(text, "ana"), "open")).toBe("--");
    expect(rightsAt(permissionsOf(text, "ana"), "own")).toBe("rw");
    expect(rightsAt(permissionsOf(text, "ida"), "own")).toBe("--");
    expect(rightsAt(permissionsOf(text, ""), "open")).toBe("--");
  });

  test("of patterns are for everybody, wherever they stand", () => {
    const text = "user ana\npattern read public/#\ntopic own";
    for (const username of [undefined, "ana", "ida"]) {
      expect(rightsAt(permissionsOf(text, username), "public/x")).toBe("r-");
    }
  });

  test("that deny win over all that allow, before or behind them, of whatever kind", () => {
    const text = [
      "user ana",
      "topic deny a/secret",
      "topic a/#",
      "topic b/#",
      "pattern deny b/secret/#",
      "topic c/#",
      "topic deny c/+/x",
      "pattern c/1/x",
    ].join("\n");
    const ana = permissionsOf(text, "ana");
    for (const topic of ["a/secret", "b/secret", "b/secret/x", "c/1/x"]) {
      expect([topic, rightsAt(ana, topic)]).toEqual([topic, "--"]);
    }
    for (const topic of ["a/open", "a", "b/x", "c/1/y", "c/1/x/y"]) {
      expect([topic, rightsAt(ana, topic)]).toEqual([topic, "rw"]);
    }
  });

  test("that begin with a wildcard are not for topics that begin with $", () => {
    const ana = permissionsOf("user ana\ntopic #\ntopic +/broker/#", "ana");
    expect(rightsAt(ana, "$SYS/broker/x")).toBe("--");
    expect(rightsAt(ana, "a/$SYS")).toBe("rw");
    const ida = permissionsOf("user ida\ntopic read $SYS/#\ntopic deny #", "ida");
    expect(rightsAt(ida, "$SYS/broker/x")).toBe("r-");
  });

  test("for nobody allow nothing: an empty file, and a user without rules", () => {
    expect(rightsAt(permissionsOf("", "ana"), "a")).toBe("--");
    expect(permissionsOf("", "ana").maySubscribe("#")).toBe(false);
    expect(rightsAt(permissionsOf("user ana\nuser ida\ntopic a", "ana"), "a")).toBe("--");
  });

  test("of users who are called as objects' parts are theirs alone", () => {
    const text = "user __proto__\ntopic __proto__/#\nuser constructor\ntopic toString";
    expect(rightsAt(permissionsOf(text, "__proto__"), "__proto__/constructor")).toBe("rw");
    expect(rightsAt(permissionsOf(text, "constructor"), "toString")).toBe("rw");
    expect(rightsAt(permissionsOf(text, "hasOwnProperty"), "toString")).toBe("--");
    expect(rightsAt(permissionsOf("", "__proto__"), "__proto__")).toBe("--");
  });

  test("give nothing at a topic that is a filter", () => {
    const ana = permissionsOf("user ana\ntopic a/b", "ana");
    for (const topic of ["a/+", "#", "+/b", "a/#"]) expect(rightsAt(ana, topic)).toBe("--");
  });
});

describe("a pattern", () => {
  const text = "pattern users/%u/#\npattern clients/%c/%u/x\npattern write %c";

  test("has the names of the person in it", () => {
    const ana = permissionsOf(text, "ana", "c1");
    expect(rightsAt(ana, "users/ana/x")).toBe("rw");
    expect(rightsAt(ana, "clients/c1/ana/x")).toBe("rw");
    expect(rightsAt(ana, "c1")).toBe("-w");
    expect(rightsAt(ana, "users/ida/x")).toBe("--");
    expect(rightsAt(ana, "users/%u/x")).toBe("--");
  });

  test("with %u is not for who has no name", () => {
    const anonymous = permissionsOf("pattern users/%u/#\npattern read own/%c", undefined, "c1");
    expect(rightsAt(anonymous, "users//x")).toBe("--");
    expect(rightsAt(anonymous, "users/undefined/x")).toBe("--");
    expect(rightsAt(anonymous, "own/c1")).toBe("r-");
  });

  test.each([
    ["+", ["users/+/x", "users/ana/x"]],
    ["#", ["users/#", "users/ana/x"]],
    ["a+b", ["users/a+b/x", "users/axb/x"]],
    ["ana/#", ["users/ana/#/x", "users/ana/x"]],
    ["ana/x", ["users/ana/x", "users/ana/x/y"]],
  ] as const)("does not grow by the name %j", (name, topics) => {
    for (const topic of topics) {
      expect(rightsAt(permissionsOf("pattern users/%u/#", name), topic)).toBe("--");
      expect(rightsAt(permissionsOf("pattern users/%c/#", "ana", name), topic)).toBe("--");
      expect(permissionsOf("pattern users/%u/#", name).maySubscribe(topic)).toBe(false);
    }
  });

  test("allows nothing at all to who has a wildcard in a name; own rules go on", () => {
    const all = "pattern public/#\nuser a+b\ntopic own";
    expect(rightsAt(permissionsOf(all, "a+b"), "public/x")).toBe("--");
    expect(rightsAt(permissionsOf(all, "ana", "a#"), "public/x")).toBe("--");
    expect(rightsAt(permissionsOf(all, "a+b"), "own")).toBe("rw");
    expect(rightsAt(permissionsOf(all, "a/b", "c/d"), "public/x")).toBe("rw");
  });

  test("that denies is not escaped by a name", () => {
    const all = "pattern deny secret/#\npattern deny %c/secret\nuser ana\ntopic #";
    for (const clientId of ["c1", "+", "#", "a/b", "x".repeat(10_000)]) {
      const ana = permissionsOf(all, "ana", clientId);
      expect(rightsAt(ana, "secret/x")).toBe("--");
      expect(rightsAt(ana, "other")).toBe("rw");
    }
    expect(rightsAt(permissionsOf(all, "ana", "c1"), "c1/secret")).toBe("--");
    expect(rightsAt(permissionsOf(all, "ana", "a/b"), "a/b/secret")).toBe("--");
    expect(rightsAt(permissionsOf(all, "ana", "+"), "c1/secret")).toBe("--");
  });

  test("does not reach the broker's topics by a client who is called $SYS", () => {
    expect(rightsAt(permissionsOf("pattern %c/#", "ana", "$SYS"), "$SYS/x")).toBe("--");
    expect(rightsAt(permissionsOf("pattern $SYS/%c/#", "ana", "c1"), "$SYS/c1/x")).toBe("rw");
  });

  test("takes names literally, also those that look like placeholders", () => {
    const ana = permissionsOf("pattern %u/%c", "%c", "$&");
    expect(rightsAt(ana, "%c/$&")).toBe("rw");
    expect(rightsAt(ana, "$&/$&")).toBe("--");
  });

  test("is not a way to a search without end: a name of 60,000 levels", () => {
    const deep = permissionsOf("pattern deny %c\npattern read a", "ana", "a/".repeat(30_000));
    expect(deep.maySubscribe("#")).toBe(true);
    expect(deep.maySubscribe("a/".repeat(50))).toBe(false);
    expect(rightsAt(deep, "a")).toBe("r-");
  });
});

describe("a subscription", () => {
  const ana = permissionsOf(
    "user ana\ntopic read a/+/c\ntopic write w/#\ntopic deny a/x/c\ntopic $SYS/y",
    "ana",
  );

  test.each([
    ["a/1/c", true],
    ["a/1/+", true],
    ["$SYS/#", true],
    ["a/b", false],
    ["a/1/c/d", false],
    ["w/1", false], // It may only be written.
    ["a/x/c", false],
    ["a/+/c", true], // It covers a/x/c, whose messages are kept from her.
    ["#", true],
    ["+/x/+", true],
    ["$SYS/z", false],
  ])("to %s: %s", (filter, isGranted) => {
    expect(ana.maySubscribe(filter)).toBe(isGranted);
  });

  test("of which all is denied is refused, with wildcards too", () => {
    const ida = permissionsOf("user ida\ntopic #\ntopic deny vault/#\ntopic deny +/key", "ida");
    for (const filter of ["vault", "vault/#", "vault/+", "vault/+/x/#", "a/key", "+/key"]) {
      expect([filter, ida.maySubscribe(filter)]).toEqual([filter, false]);
    }
    for (const filter of ["#", "+/#", "+", "a/+", "+/x"]) {
      expect([filter, ida.maySubscribe(filter)]).toEqual([filter, true]);
    }
  });

  test("that is only allowed in part is granted, and deliveries are looked at", () => {
    const ida = permissionsOf("user ida\ntopic read rooms/1/#", "ida");
    for (const filter of ["#", "rooms/#", "rooms/+/x", "+/1"]) {
      expect([filter, ida.maySubscribe(filter)]).toEqual([filter, true]);
    }
    expect(ida.mayRead("rooms/1")).toBe(true);
    expect(ida.mayRead("rooms/2/x")).toBe(false);
    expect(ida.maySubscribe("rooms/2/#")).toBe(false);
  });

  test("to # is granted although topics that begin with $ are denied", () => {
    const ida = permissionsOf("user ida\ntopic #\ntopic deny $SYS/#", "ida");
    expect(ida.maySubscribe("#")).toBe(true);
    expect(ida.maySubscribe("$SYS/#")).toBe(false);
  });
});

describe("permissions", () => {
  const parse = (text: string) => createAcl(parseAclFile(Buffer.from(text), "acl"));

  test("follow the ACL that is in force", () => {
    let acl = parse("user ana\ntopic a");
    const ana = createPermissions(() => acl, { username: "ana", clientId: "c1" });
    expect([rightsAt(ana, "a"), rightsAt(ana, "b"), ana.maySubscribe("b")]).toEqual([
      "rw",
      "--",
      false,
    ]);
    acl = parse("user ana\ntopic read b");
    expect([rightsAt(ana, "a"), rightsAt(ana, "b"), ana.maySubscribe("b")]).toEqual([
      "--",
      "r-",
      true,
    ]);
  });

  test("are the same for a topic asked again, and behind many others", () => {
    const ana = permissionsOf("user ana\ntopic read t/7\ntopic write t/8", "ana");
    for (const _ of [1, 2]) {
      for (let at = 0; at < 1_000; at++) {
        const expected = at === 7 ? "r-" : at === 8 ? "-w" : "--";
        expect(rightsAt(ana, `t/${at}`)).toBe(expected);
      }
      expect(rightsAt(ana, "t/7")).toBe("r-");
    }
  });
});
