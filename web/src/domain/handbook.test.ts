import { describe, expect, it } from "vitest";
import { found, type Handbook, keys, named, namesIn, points, readersOf, say, text } from "./handbook";

const BOOK: Handbook = [
  { id: "one", title: "Bellen", blocks: [text("Open [[nav.desk]]."), keys(["H", "ophangen"])] },
  { id: "two", title: "Pauze", blocks: [points("Na een crisis", "Té lang"), say("Tot zo")] },
];
const nameOf = (key: string): string => ({ "nav.desk": "Mijn werkplek" })[key] ?? key;

describe("handbook", () => {
  it("uses the panel's own names", () => {
    expect(named("Open [[nav.desk]] nu.", nameOf)).toBe("Open Mijn werkplek nu.");
    expect(namesIn(BOOK)).toEqual(["nav.desk"]);
  });

  it("finds chapters by every word, in any order, in names, keys and without accents", () => {
    const titles = (query: string): string[] => found(BOOK, query, nameOf).map(({ id }) => id);
    expect(titles("  ")).toEqual(["one", "two"]);
    expect(titles("werkplek bellen")).toEqual(["one"]);
    expect(titles("h ophangen")).toEqual(["one"]);
    expect(titles("te lang")).toEqual(["two"]);
    expect(titles("crisis werkplek")).toEqual([]);
  });

  it("begins with one's own", () => {
    expect(readersOf("agent")).toEqual(["agent"]);
    expect(readersOf("client")).toEqual(["client"]);
    expect(readersOf("administrator")[0]).toBe("administrator");
    expect(readersOf("quality")[0]).toBe("supervisor");
  });
});
