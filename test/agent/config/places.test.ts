import { expect, test } from "vitest";
import { readPlaces } from "../../../agent/config/places.ts";

const read = (...lines: string[]) => readPlaces(lines.join("\n"), "places.csv");

test("readPlaces(): columns in any order, quotes, several duties, any line end, empty lines", () => {
  const text =
    '\uFEFFName,MAC,duties,room,ring\r\n"Reception, ""main""",64:16:7f:00:00:01,vip; reception,,\r\n\r\nDesk,64167F000002,,4.12,lab\r\n';
  expect(readPlaces(text, "f")).toEqual({
    places: [
      { mac: "64167f000001", name: 'Reception, "main"', duties: ["vip", "reception"] },
      { mac: "64167f000002", name: "Desk", duties: [], room: "4.12", ring: "lab" },
    ],
    problems: [],
  });
});

test("readPlaces(): every wrong row is told by its line, the good ones are read", () => {
  const { places, problems } = read("mac,name,duties", "nonsense,A,", "64167f000001,B,", "64167f000002,C,king", "64167f000003,,");
  expect(places.map(({ name }) => name)).toEqual(["B"]);
  expect(problems.map(({ line }) => line)).toEqual([2, 4, 5]);
});

test("readPlaces(): a cell over several lines keeps the count of lines right", () => {
  expect(read("mac,name", '64167f000001,"two', 'lines"', "nonsense,B").problems).toMatchObject([{ line: 4 }]);
});

test("readPlaces(): a device that stands twice is told with its first line", () => {
  const { places, problems } = read("mac,name", "64167f000001,A", "64:16:7f:00:00:01,B");
  expect(places.map(({ name }) => name)).toEqual(["A"]);
  expect(problems).toMatchObject([{ line: 3, what: expect.stringContaining("line 2") }]);
});

test("readPlaces(): an unknown or missing column stops the reading, with what was meant", () => {
  const { places, problems } = read("mac,nmae", "64167f000001,A");
  expect(places).toEqual([]);
  expect(problems).toMatchObject([{ line: 1, suggestion: 'did you mean "name"?' }, { what: 'has no column "name"' }]);
});

test("readPlaces(): empty, and more rows than any site has, are problems", () => {
  expect(readPlaces("", "f").problems).toMatchObject([{ what: "is empty" }]);
  expect(readPlaces(`mac,name\n${"x,y\n".repeat(20_001)}`, "f").problems).toMatchObject([{ what: "has more than 20000 rows" }]);
});

test("readPlaces(): a cell that begins with a formula is a name and nothing else", () => {
  expect(read("mac,name", "64167f000001,=1+1").places[0]?.name).toBe("=1+1");
});
