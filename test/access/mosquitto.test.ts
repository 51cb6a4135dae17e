// The same files, asked of us and of a real Mosquitto: logins, publishing and deliveries are the
// same. SUBACK is not compared: Mosquitto grants every filter and then delivers nothing, while we
// refuse what can never be delivered. The other differences, all on purpose, stand at the end.

import { expect, test } from "bun:test";
import { run } from "../kit/processes.ts";
import { createRandom, createSeed, type Random } from "../kit/random.ts";
import { describeIf } from "../kit/suites.ts";
import {
  type Caller,
  type MosquittoDecisions,
  PUBLISHER,
  PUBLISHER_RIGHTS,
  type Rights,
  startMosquittoDecisions,
} from "./mosquitto-decisions.ts";
import { type OpenedAccess, openTestAccess, toPasswordLines } from "./open-access.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const NAMES = ["ana", "ida", "a+b", "a#", "__proto__", "Ünal 東京", "$app"];
const passwords = await toPasswordLines(
  Object.fromEntries([...NAMES, PUBLISHER.username].map((name) => [name, name])),
);
const TOPICS = [
  ..."a b a/b a/b/c a/x b/a b/a/c a//c /a a/ / __proto__ a/secret b/secret".split(" "),
  ..."users/ana users/ana/x users/ida users/a+b/x clients/c1 clients/c1/ana".split(" "),
  ..."$app $app/a $app/b/c own/ana own/c1 a/$app".split(" "),
  "a b/c",
  "ü/東京",
].filter((topic) => !topic.includes("+"));

const ACL = `# a bit of everything
topic read open/#
topic a/b
topic deny b/#

user ana
topic a/#
topic deny a/secret
topic read b
topic write   /a
topic readwrite a b/c

user ida
topic deny a/+/c
topic +/+
topic read #
topic write b/#
topic read $app/b/#

user a+b
topic a

user $app
topic #

user __proto__
topic __proto__
user ana
topic read ü/#

pattern read users/%u/#
pattern write clients/%c/%u
pattern clients/%c
pattern own/%u
pattern a//c
`;

type Both = AsyncDisposable & { readonly ours: OpenedAccess; readonly theirs: MosquittoDecisions };

async function openBoth(files: { passwords: string; acl: string }): Promise<Both> {
  const acl = `${files.acl}\n${PUBLISHER_RIGHTS}`;
  await using opened = new AsyncDisposableStack();
  const options = { allowAnonymous: true, loginFailuresMax: 1_000 };
  const ours = opened.use(await openTestAccess({ ...files, acl }, options));
  const theirs = opened.use(await startMosquittoDecisions({ ...files, acl }));
  const both = opened.move();
  return { ours, theirs, [Symbol.asyncDispose]: () => both.disposeAsync() };
}

function callerOf(username: string | undefined, clientId: string): Caller {
  return { clientId, ...(username !== undefined && { username, password: username }) };
}

function ourRights({ access }: OpenedAccess, caller: Caller, topics: readonly string[]): Rights {
  const { clientId, username } = caller;
  const permissions = access.permissionsOf({ username, clientId });
  const rights = topics.map((topic) => {
    const write = permissions?.mayPublish(topic) ? "w" : "-";
    return [topic, `${permissions?.mayRead(topic) ? "r" : "-"}${write}`] as const;
  });
  return Object.fromEntries(rights);
}

async function expectSame({ ours, theirs }: Both, caller: Caller, why = ""): Promise<void> {
  const found = { caller, why, rights: ourRights(ours, caller, TOPICS) };
  expect(found).toEqual({ caller, why, rights: await theirs.rightsOf(caller, TOPICS) });
}

/** Rules of all kinds but `pattern deny`, over few levels, so that they meet. */
function makeAcl(random: Random): string {
  const level = () => random.pick(["a", "b", "c", "secret", "+", "$app"]);
  const filter = () => {
    const levels = Array.from({ length: 1 + random.below(3) }, level);
    return [...levels, ...(random.chance(0.3) ? ["#"] : [])].join("/");
  };
  const access = () => random.pick(["", "read ", "write ", "readwrite ", "deny "]);
  const topics = () => {
    return Array.from({ length: random.below(6) }, () => `topic ${access()}${filter()}`);
  };
  const names = () => random.pick(["users/%u/#", "clients/%c", "%u/%c", "+/%c/#", "a/%u"]);
  const patterns = Array.from({ length: random.below(4) }, () => {
    const granting = random.pick(["", "read ", "write "]);
    return `pattern ${granting}${random.chance(0.5) ? names() : filter()}`;
  });
  const users = ["ana", "ida"].flatMap((name) => [`user ${name}`, ...topics()]);
  return [...topics(), ...users, ...patterns].join("\n");
}

describeIf(["mosquitto", "mosquitto_passwd"], "as Mosquitto decides", () => {
  test("logins, by files of its tool, of ours, and by a mixed one", async () => {
    await using folder = await makeTemporaryFolder();
    const file = await folder.write("users", "");
    for (const [kind, username] of [
      ["sha512", "old"],
      ["sha512-pbkdf2", "new"],
    ] as const) {
      await run("mosquitto_passwd", ["-H", kind, "-b", file, username, "geheim"]);
    }
    const twice = await toPasswordLines({ twice: "first" });
    const last = await toPasswordLines({ twice: "last" });
    const mixed = `# all\r\n\n${await folder.read("users")}${twice}${last}${passwords}`;
    await using both = await openBoth({ passwords: mixed, acl: "" });
    const callers: (readonly [string?, string?])[] = [
      ["old", "geheim"],
      ["old", "Geheim"],
      ["new", "geheim"],
      ["new", "geheim "],
      ["new", ""],
      ["new"],
      ["twice", "first"],
      ["twice", "last"],
      ["nobody", "geheim"],
      ["# all", ""],
      ...NAMES.map((name) => [name, name] as const),
      ...NAMES.map((name) => [name, "x"] as const),
      [],
    ];
    for (const [username, password] of callers) {
      const caller = {
        clientId: "c1",
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
      };
      const isGranted = (await both.ours.logIn(username, password)).startsWith("granted");
      expect({ caller, isGranted }).toEqual({
        caller,
        isGranted: await both.theirs.isLetIn(caller),
      });
    }
  });

  test("publishing and deliveries, by a file with every kind of line", async () => {
    await using both = await openBoth({ passwords, acl: ACL });
    for (const username of [undefined, ...NAMES]) await expectSame(both, callerOf(username, "c1"));
    await expectSame(both, callerOf("ana", "a+b"));
    await expectSame(both, callerOf("ana", "#"));
    await expectSame(both, callerOf("ida", "%u"));
  }, 30_000);

  test("publishing and deliveries, by patterns that deny", async () => {
    const acl = "pattern #\npattern deny users/%u/#\npattern deny a/+\npattern $app/%c\n";
    await using both = await openBoth({ passwords, acl });
    for (const username of [undefined, "ana", "ida", "a+b"]) {
      await expectSame(both, callerOf(username, "a"));
    }
  }, 30_000);

  test("publishing and deliveries, by 12 files that nobody wrote", async () => {
    const seed = createSeed();
    const random = createRandom(seed);
    for (let at = 0; at < 12; at++) {
      const acl = makeAcl(random);
      await using both = await openBoth({ passwords, acl });
      for (const username of [undefined, "ana", "ida"]) {
        await expectSame(
          both,
          callerOf(username, random.pick(["c1", "a", "b"])),
          `${seed}: ${acl}`,
        );
      }
    }
  }, 30_000);
});

describeIf("mosquitto", "not as Mosquitto decides:", () => {
  async function rightsOf(acl: string, caller: Caller, topic: string) {
    await using both = await openBoth({ passwords, acl });
    const ours = ourRights(both.ours, caller, [topic]);
    return { ours: ours[topic], mosquitto: (await both.theirs.rightsOf(caller, [topic]))[topic] };
  }

  test("a pattern that denies wins over a user's own rules", async () => {
    const acl = "user ana\ntopic a/#\npattern deny a/secret";
    const rights = await rightsOf(acl, callerOf("ana", "c1"), "a/secret");
    expect(rights).toEqual({ ours: "--", mosquitto: "rw" });
  });

  test("a name with a / gets nothing by a pattern with that name", async () => {
    const rights = await rightsOf("pattern clients/%c", callerOf("ana", "c1/x"), "clients/c1/x");
    expect(rights).toEqual({ ours: "--", mosquitto: "rw" });
  });

  test("a name that begins with $ opens no topic that begins with $", async () => {
    const rights = await rightsOf("pattern %c/#", callerOf("ana", "$app"), "$app/a");
    expect(rights).toEqual({ ours: "--", mosquitto: "rw" });
  });

  test("a subscription that can never deliver anything is refused", async () => {
    await using both = await openBoth({ passwords, acl: "user ana\ntopic a\ntopic deny b/#" });
    const ana = callerOf("ana", "c1");
    const permissions = both.ours.access.permissionsOf({ username: "ana", clientId: "c1" });
    for (const filter of ["x", "b/x"]) {
      expect(permissions?.maySubscribe(filter)).toBe(false);
      expect(await both.theirs.isGranted(ana, filter)).toBe(true);
    }
  });
});
