import { expect, test } from "vitest";
import { readImageRefusal, refusalIn } from "../../../protocols/families/image-refusal.ts";
import { parseLog } from "../../../protocols/families/phone-log.ts";
import { soundPoint } from "../../../protocols/families/soundpoint.ts";
import { ucPhone } from "../../../protocols/families/uc-phone.ts";
import { targetAt } from "../../support/family-io.ts";
import { loggedIn, never, realIo } from "./kit.ts";
import { webPhone } from "./web-phone.ts";

const refusal = (text: string): string | undefined => refusalIn(parseLog(text));
const BOOT = "1122101400|so   |*|00|Initial log entry. Current logging level 4";

test("refusalIn(): the words of the log say why nothing was flashed [prov 8.10]", () => {
  for (const [line, reason] of [
    ["1122101500|cfg  |4|00|Could not get application name", "it found no application for itself"],
    ["1122101500|sig  |4|00|SigKey not found", "does not know the image's signing key"],
    ["1122101500|so   |5|00|Cpu id mismatch", "the image is of other hardware"],
    ["1122101500|copy |4|00|Download failed, status 53", "it does not take a full URL"],
    ["1122101500|copy |4|00|status=53", "it does not take a full URL"],
  ] as const)
    expect([line, refusal(line)]).toEqual([line, expect.stringContaining(reason)]);
  for (const text of ["status 530", "status 200", "53"]) expect(refusal(`1122101500|copy |4|00|${text}`)).toBeUndefined();
});

test("refusalIn(): only what was logged since the phone last started, and the more telling of two", () => {
  const mismatch = "1122101500|so   |5|00|Cpu id mismatch";
  const noName = "1122101500|cfg  |4|00|Could not get application name";
  expect(refusal([BOOT, mismatch, BOOT].join("\n"))).toBeUndefined();
  expect(refusal([BOOT, noName, mismatch].join("\n"))).toBe("the image is of other hardware");
});

/** What a phone with this boot and application log says. */
async function told(boot: string | number, app: string | number) {
  const web = await webPhone(
    {},
    {
      first({ path }, response) {
        const page = path.startsWith("/Diagnostics/log?value=boot") ? boot : app;
        if (typeof page === "number") response.writeHead(page, { "www-authenticate": 'Basic realm="SPIP"' }).end();
        else response.writeHead(200).end(page);
        return true;
      },
    },
  );
  const target = await targetAt({ https: web.port });
  const place = { target, family: "uc-phone", io: realIo() } as const;
  return { why: await readImageRefusal(place, never), asked: web.requests.map(({ path }) => path.split(/[?&]/)[1]), web };
}

test("readImageRefusal(): the boot log first, then the application's; nothing where neither says a word", async () => {
  const words = `${BOOT}\n1122101500|so   |5|00|Cpu id mismatch\n`;
  expect(await told(words, BOOT)).toMatchObject({ why: "the image is of other hardware", asked: ["value=boot"] });
  expect(await told(BOOT, words)).toMatchObject({ why: "the image is of other hardware", asked: ["value=boot", "value=app"] });
  expect((await told(404, words)).why).toBe("the image is of other hardware");
  expect((await told(BOOT, BOOT)).why).toBeUndefined();
});

test("readImageRefusal(): after a refused password nothing further is asked", async () => {
  const { why, web } = await told(401, BOOT);
  expect([why, loggedIn(web).length, web.requests.every(({ path }) => path.includes("value=boot"))]).toEqual([undefined, 1, true]);
});

test("whyRefused(): every phone's recipe reads its own log", async () => {
  const web = await webPhone({ "/Diagnostics/log": `${BOOT}\n1122101500|sig  |4|00|SigKey\n` });
  for (const { update } of [ucPhone, soundPoint]) {
    if (update === undefined || update.offer === "updateServer") throw new Error("no recipe of a phone");
    expect(await update.whyRefused(await targetAt({ https: web.port }), realIo(), never)).toContain("signing key");
  }
});
