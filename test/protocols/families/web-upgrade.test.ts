import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { startWebUpgrade } from "../../../protocols/families/web-upgrade.ts";
import { NOW_MS, targetAt } from "../../support/family-io.ts";
import type { HttpsDevice } from "../../support/https-device.ts";
import { never, realIo } from "./kit.ts";
import { ADMIN, type Pages, webPhone } from "./web-phone.ts";

const FOLDER = "http://192.0.2.1/fw/a1/";
const UPGRADE = "/form-submit/Utilities/softwareUpgrade";
/** The answer of a phone: bytes before the XML, its own case. */
const LIST = `12;<PHONE_IMAGES><REVISION ID=""><PHONE_IMAGE><Version>5.9.7.3480</Version><Path>${FOLDER}</Path></PHONE_IMAGE></REVISION></PHONE_IMAGES>`;
const OLD: Pages = {
  [`${UPGRADE}/updateCustomServer`]: "ok",
  "/Utilities/softwareUpgrade/getAvailableVersions": LIST,
  [`${UPGRADE}/upgrade`]: "ok",
};

async function start(phone: HttpsDevice, more: Partial<Target> = {}): Promise<unknown> {
  const target = await targetAt({ https: phone.port }, more);
  return startWebUpgrade({ target, family: "uc-phone", io: realIo() }, FOLDER, never);
}
const asked = (phone: HttpsDevice): string[] => phone.requests.map(({ method, path }) => `${method} ${path}`);

test("startWebUpgrade(): an older build: server named, its one version seen, the form sent once [uc 5.5] [uc 5.6] [uc 5.7] [uc 5.11]", async () => {
  const phone = await webPhone(OLD);
  expect(await start(phone)).toEqual({ ok: true, value: { said: "upgrade to 5.9.7.3480 started" } });
  expect(asked(phone)).toEqual([
    "POST /form-submit/auth.htm",
    `POST ${UPGRADE}/updateCustomServer`,
    `GET /Utilities/softwareUpgrade/getAvailableVersions?type=customserver&_=${NOW_MS}`,
    `POST ${UPGRADE}/upgrade`,
  ]);
  const bodies = phone.requests.map(({ body }) => body);
  expect(bodies[1]).toBe("CUSTOM_SERVER=http%3A%2F%2F192.0.2.1%2Ffw%2Fa1%2F");
  expect(bodies[3]).toBe("URLPath=http%3A%2F%2F192.0.2.1%2Ffw%2Fa1%2F&serverType=plcmserver");
});

test("startWebUpgrade(): a newer build: a session, and its token on every form [uc 5.12]", async () => {
  const phone = await webPhone(OLD, {
    wants: () => undefined,
    first: ({ path, headers, method }, response) => {
      if (path === "/form-submit/auth.htm") {
        const good = headers.authorization === ADMIN;
        response.writeHead(good ? 200 : 401, good ? { "set-cookie": "session=S1; Path=/; Secure" } : {}).end();
        return true;
      }
      if (headers.cookie !== "session=S1" || (method === "POST" && headers["anti-csrf-token"] !== "T1")) {
        response.writeHead(401).end();
        return true;
      }
      if (path !== "/index.htm") return false;
      response.writeHead(200).end('<html><head><meta charset="utf-8"><meta name="csrf-token" content="T1"></head></html>');
      return true;
    },
  });
  expect(await start(phone)).toMatchObject({ ok: true });
  expect(phone.requests.filter(({ headers }) => headers.authorization !== undefined).map(({ path }) => path)).toEqual([
    "/form-submit/auth.htm",
  ]);
});

test("startWebUpgrade(): unless the phone sees exactly one version there, nothing starts", async () => {
  const twice = LIST.replace("</REVISION>", `<PHONE_IMAGE><VERSION>5.9.6.1</VERSION><PATH>${FOLDER}</PATH></PHONE_IMAGE></REVISION>`);
  for (const list of ["<PHONE_IMAGES/>", twice]) {
    const phone = await webPhone({ ...OLD, "/Utilities/softwareUpgrade/getAvailableVersions": list });
    expect(await start(phone)).toMatchObject({ ok: false, fault: { kind: "refused" } });
    expect(asked(phone)).not.toContain(`POST ${UPGRADE}/upgrade`);
  }
  const page = await webPhone({ ...OLD, "/Utilities/softwareUpgrade/getAvailableVersions": "<html></html>" });
  expect(await start(page)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("startWebUpgrade(): a phone without the page is off, a wrong password is denied after one try", async () => {
  expect(await start(await webPhone({}))).toMatchObject({ ok: false, fault: { kind: "off" } });
  const phone = await webPhone(OLD, { wants: () => "Basic other" });
  expect(await start(phone)).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "site" } });
  expect(asked(phone)).toEqual(["POST /form-submit/auth.htm", `POST ${UPGRADE}/updateCustomServer`]);
});

test("startWebUpgrade(): a certificate that names another phone sees no password", async () => {
  const phone = await webPhone(OLD);
  const expectMac = parseMac("0004f2000001");
  expect(await start(phone, expectMac === undefined ? {} : { expectMac })).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(phone.requests).toEqual([]);
});

test("startWebUpgrade(): a session without a token, or one that is no plain text, is garbled and starts nothing", async () => {
  for (const cookie of ["session=S1", "session=bad value"]) {
    const phone = await webPhone(OLD, {
      wants: () => undefined,
      first: ({ path }, response) => {
        if (path === "/form-submit/auth.htm") response.writeHead(200, { "set-cookie": cookie }).end();
        else if (path === "/index.htm") response.writeHead(200).end("<html></html>");
        else return false;
        return true;
      },
    });
    expect(await start(phone)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
    expect(asked(phone)).not.toContain(`POST ${UPGRADE}/upgrade`);
  }
});
