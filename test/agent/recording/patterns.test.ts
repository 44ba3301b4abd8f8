import { expect, test } from "vitest";
import { ANY_PATTERN, isAddress6, isAddressAt, looksLikeMac } from "../../../agent/recording/patterns.ts";

/** What is found in a text, as `group text`. */
function found(text: string): string[] {
  return [...text.matchAll(new RegExp(ANY_PATTERN, "giu"))].flatMap((match) => {
    const [name, value = ""] = Object.entries(match.groups ?? {}).find(([group, hit]) => hit !== undefined && group !== "gap") ?? [];
    if (name === "mac" && !looksLikeMac(value)) return [];
    if (name === "ip4" && !isAddressAt({ text: value, at: match.index, whole: text, kind: undefined })) return [];
    return name === "ip6" && !isAddress6(value) ? [] : [`${name} ${value}`];
  });
}

test.each<[string, readonly string[]]>([
  ["64:16:7f:aa:bb:cc", ["mac 64:16:7f:aa:bb:cc"]],
  ["64-16-7F-AA-BB-CC, 6416.7faa.bbcc", ["mac 64-16-7F-AA-BB-CC", "mac 6416.7faa.bbcc"]],
  ["UA/6.4.6.2327_64167faabbcc", ["mac 64167faabbcc"]],
  ["SEP64167FAABBCC", ["mac 64167FAABBCC"]],
  ["?mac=64%3A16%3A7f%3Aaa%3Abb%3Acc", ["mac 64%3A16%3A7f%3Aaa%3Abb%3Acc"]],
  ["123456789012", []],
  ["482567123456", ["mac 482567123456"]],
  ["https://10.20.0.57/", ["ip4 10.20.0.57"]],
  ["10.20.0.57:5060", ["ip4 10.20.0.57"]],
  ["Release - 6.2.2.8-670021", []],
  ["PolycomRealPresenceGroup500/6.2.2.8", []],
  ["App: 5.4.5.68", []],
  ["1.3.6.1.2.1.1.1.0", []],
  ["255.255.255.0, 0.0.0.0, 224.0.1.116 and 8.8.8.8", []],
  ["::ffff:10.20.0.57", ["ip6 ::ffff:10.20.0.57"]],
  ["fd12:3456::57 at 12:26:00", ["ip6 fd12:3456::57"]],
  ["20 Days 16:11:42", []],
  ["KA2E-9F31-77BC-0000-000A", ["secret KA2E-9F31-77BC-0000-000A"]],
  ["3111-48840-001", []],
  ["a key of 00112233445566778899aabbccddeeff", ["secret 00112233445566778899aabbccddeeff"]],
  [`SHA256:${"a".repeat(43)}`, [`fingerprint SHA256:${"a".repeat(43)}`]],
  ["f".repeat(64), [`fingerprint ${"f".repeat(64)}`]],
])("ANY_PATTERN: in %s", (text, hits) => {
  expect(found(text)).toEqual(hits);
});

test("isAddressAt(): in a field of that name four numbers are a version", () => {
  expect(isAddressAt({ text: "6.2.2.8", at: 0, whole: "6.2.2.8", kind: "version" })).toBe(false);
  expect(isAddressAt({ text: "6.2.2.8", at: 0, whole: "6.2.2.8", kind: undefined })).toBe(true);
});
