import { describe, expect, it } from "vitest";
import { type Handbook, linesOf, namesIn } from "../domain/handbook";
import { nl } from "../i18n/nl";
import { HANDBOOKS } from "./index";

const shape = (book: Handbook): unknown =>
  book.map(({ id, blocks }) => [id, blocks.map((block) => [block.kind, block.kind === "keys" ? block.items.map(([key]) => key) : "items" in block ? block.items.length : 1])]);

describe("handbooks", () => {
  it.each(Object.entries(HANDBOOKS))("say the same in both languages: %s", (_, { nl: dutch, en: english }) => {
    expect(shape(english)).toEqual(shape(dutch));
    expect(namesIn(english).toSorted()).toEqual(namesIn(dutch).toSorted());
  });

  it.each(Object.entries(HANDBOOKS))("name what the panel has: %s", (_, { nl: dutch }) => {
    for (const name of namesIn(dutch)) expect(Object.keys(nl)).toContain(name);
  });

  it("are written in short sentences", () => {
    for (const { nl: dutch } of Object.values(HANDBOOKS)) {
      for (const line of dutch.flatMap(linesOf)) {
        for (const sentence of line.split(/[.?!:;] /)) expect([sentence, sentence.split(/\s+/).length <= 24]).toEqual([sentence, true]);
      }
    }
  });
});
