import { expect, test } from "vitest";
import { decodeHomePage } from "../../../protocols/families/phone-home.ts";
import { HOME } from "./web-phone.ts";

const read = (page: string): ReturnType<typeof decodeHomePage> => decodeHomePage(Buffer.from(page), "https");

test("decodeHomePage(): model, part number with revision, MAC and the running version, not the BootROM's [uc 5.1] [uc 2.6]", () => {
  expect(read(HOME)).toEqual({
    ok: true,
    value: {
      family: "soundpoint",
      model: "SoundPoint IP 550",
      partNumber: "3111-12500-001",
      revision: "A",
      mac: "0004f2aabbcc",
      serial: "0004f2aabbcc",
      running: { application: "4.0.15.1009" },
    },
  });
});

test("decodeHomePage(): the page of a VVX, with its maker's name before the model", () => {
  const page =
    '<td id="phoneModelInformationTd">Polycom VVX 411</td><td>3111-48450-001 Rev:B</td><td id="UCS_software_version">5.9.7.3480</td>';
  expect(read(page)).toMatchObject({
    value: {
      family: "uc-phone",
      vendor: "Polycom",
      model: "VVX 411",
      partNumber: "3111-48450-001",
      revision: "B",
      running: { application: "5.9.7.3480" },
    },
  });
});

test("decodeHomePage(): cells without a name are taken for what their form says; two versions say nothing", () => {
  expect(read("<p>VVX 411</p><p>64167FAABBCC</p><p>Version 5.9.7.3480</p>")).toMatchObject({
    value: { model: "VVX 411", mac: "64167faabbcc", running: { application: "5.9.7.3480" } },
  });
  const two = read("<p>VVX 411</p><p>5.9.7.3480</p><p>5.9.7.47435</p>");
  expect(two.ok && "running" in two.value).toBe(false);
});

test("decodeHomePage(): the Updater's or BootROM's version alone is not what runs [uc 9.11]", () => {
  for (const label of ["BootROM Software Version", "Updater Version", "Boot Block"]) {
    const page = read(`<td>VVX 411</td><td>${label}</td><td>\n5.9.7.47435</td>`);
    expect(page.ok && "running" in page.value).toBe(false);
    expect(read(`<td>VVX 411</td><td>${label}: 5.9.7.47435</td><td>Software</td><td>5.9.7.3480</td>`)).toMatchObject({
      value: { running: { application: "5.9.7.3480" } },
    });
  }
});

test("decodeHomePage(): a log-in page, an empty page and somebody else's page are garbled", () => {
  for (const page of ["", "<html><form>Password</form></html>", "<td>10.1.2.3</td><td>00:11:22:33:44:55</td>", "<".repeat(50_000)]) {
    expect(read(page)).toMatchObject({ ok: false, fault: { kind: "garbled", wanted: "the home page" } });
  }
});

test("decodeHomePage(): what stands in a long text is not a cell", () => {
  expect(read(`<script>var x = "${"y".repeat(200)} VVX 411 5.9.7.3480 3111-48450-001"</script>`)).toMatchObject({ ok: false });
});
