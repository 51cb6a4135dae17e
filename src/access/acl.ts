// What the rules of an ACL file mean for one person. Called by access. Pure decisions over filters:
// it reads no file and knows no client.

import { covers } from "../topics/filter-relations.ts";
import { FilterTree } from "../topics/filter-tree.ts";
import { TOPIC_LEVELS_MAX } from "../topics/pattern.ts";
import type { AclRule, AclRules } from "./acl-file.ts";

export type Person = { readonly username: string | undefined; readonly clientId: string };

/** What one person may do; goes on to be right after a reload. */
export type Permissions = {
  mayPublish(topic: string): boolean;
  /**
   * Without `$share/<group>/`. False when nothing of it may be read; when only some of it may, its
   * messages are looked at one by one.
   */
  maySubscribe(filter: string): boolean;
  /** Asked for every delivery, retained messages too. */
  mayRead(topic: string): boolean;
};

/** The rules of one file, made quick to search. */
export type Acl = { rightsOf(person: Person): readonly Rights[] };

type Right = "read" | "write" | "deny";
/** The rules by their filters, which stand as values too. */
type Rights = Readonly<Record<Right, FilterTree<string>>>;

/** Topics per person whose answer is remembered: a few, because there may be 10,000 persons. */
const REMEMBERED_MAX = 64;
const PLACEHOLDER = /%[uc]/g;
const WILDCARD = /[+#]/;

/** The rules in a form that answers quickly, however many there are. */
export function createAcl(rules: AclRules): Acl {
  const isForOne = ({ filter }: AclRule) => filter.search(PLACEHOLDER) !== -1;
  const forOne = rules.patterns.filter(isForOne);
  const forAll = toRights(rules.patterns.filter((rule) => !isForOne(rule)));
  const denials = toRights(rules.patterns.filter((rule) => !isForOne(rule) && isDenial(rule)));
  const anonymous = toRights(rules.anonymous);
  /** Bounded by the users of the file. */
  const users = new Map<string, Rights>();

  function rightsOfUser(username: string): readonly Rights[] {
    const known = users.get(username);
    if (known) return [known];
    const own = rules.users.get(username);
    if (!own) return [];
    const rights = toRights(own);
    users.set(username, rights);
    return [rights];
  }
  return {
    rightsOf(person) {
      const { username, clientId } = person;
      const own = username === undefined ? [anonymous] : rightsOfUser(username);
      // Mosquitto gives nothing by patterns to who has a wildcard in a name.
      const isRefused = WILDCARD.test(`${username ?? ""}${clientId}`);
      const personal = forOne.flatMap((rule) => toPersonal(rule, person, isRefused));
      const shared = [...own, isRefused ? denials : forAll];
      return personal.length > 0 ? [...shared, toRights(personal)] : shared;
    },
  };
}

/** The permissions by the ACL that is in force when they are asked. */
export function createPermissions(current: () => Acl, person: Person): Permissions {
  let acl: Acl | undefined;
  let rights: readonly Rights[] = [];
  const remembered = { read: new Map<string, boolean>(), write: new Map<string, boolean>() };

  function refresh(): void {
    if (acl === current()) return;
    acl = current();
    rights = acl.rightsOf(person);
    remembered.read.clear();
    remembered.write.clear();
  }
  function may(right: "read" | "write", topic: string): boolean {
    refresh();
    const answers = remembered[right];
    const known = answers.get(topic);
    if (known !== undefined) return known;
    // A topic has no wildcard [MQTT-3.3.2-2]; the trees would take it for a filter.
    const answer = !WILDCARD.test(topic) && isAllowed(rights, right, topic);
    if (answers.size >= REMEMBERED_MAX) answers.clear();
    answers.set(topic, answer);
    return answer;
  }
  return {
    mayPublish: (topic) => may("write", topic),
    mayRead: (topic) => may("read", topic),
    // A filter in place of a topic: the trees find what overlaps it.
    maySubscribe(filter) {
      refresh();
      return isAllowed(rights, "read", filter);
    },
  };
}

// A denial wins, wherever it stands. Of a filter in place of a topic some may be denied: then the
// rest is left, and deliveries are looked at one by one, as with Mosquitto.
function isAllowed(rights: readonly Rights[], right: Right, filter: string): boolean {
  const levels = filter.split("/");
  const has = (one: Right, isEnough: (rule: string) => boolean) => {
    return rights.some((trees) => trees[one].visit(levels, isEnough));
  };
  return has(right, () => true) && !has("deny", (rule) => covers(rule, filter));
}

function toRights(rules: readonly AclRule[]): Rights {
  const rights = {
    read: new FilterTree<string>(),
    write: new FilterTree<string>(),
    deny: new FilterTree<string>(),
  };
  for (const { access, filter } of rules) {
    if (access === "deny") rights.deny.set(filter, filter);
    if (access === "read" || access === "readwrite") rights.read.set(filter, filter);
    if (access === "write" || access === "readwrite") rights.write.set(filter, filter);
  }
  return rights;
}

/**
 * A pattern with the person's names in it; nothing when it is not for this person. A name is chosen
 * by a stranger: what allows must not become wider by it, while what denies may.
 */
function toPersonal(rule: AclRule, person: Person, isRefused: boolean): AclRule[] {
  const names: string[] = [];
  let isNameless = false;
  const filter = rule.filter.replaceAll(PLACEHOLDER, (placeholder) => {
    const name = placeholder === "%u" ? person.username : person.clientId;
    isNameless ||= name === undefined;
    names.push(name ?? "");
    return name ?? "";
  });
  // Of a denial too: no topic of the broker is that deep, and a search goes down level by level.
  if (isNameless || filter.split("/").length > TOPIC_LEVELS_MAX) return [];
  const isWider =
    isRefused ||
    names.some((name) => name.includes("/")) ||
    // `%c/#` for the client `$SYS` would be a rule for the broker's own topics.
    (filter.startsWith("$") && !rule.filter.startsWith("$"));
  return isDenial(rule) || !isWider ? [{ ...rule, filter }] : [];
}

function isDenial({ access }: AclRule): boolean {
  return access === "deny";
}
