/** What a handbook is made of, and finding something in it. Names of pages and buttons stand as `[[message.key]]`: they follow the panel's own words. */

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "steps"; readonly items: readonly string[] }
  | { readonly kind: "points"; readonly items: readonly string[] }
  | { readonly kind: "keys"; readonly items: readonly (readonly [key: string, does: string])[] };

export interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Reader = "agent" | "supervisor" | "client" | "administrator";

export type Handbook = readonly Chapter[];

export const text = (words: string): Block => ({ kind: "text", text: words });
export const say = (words: string): Block => ({ kind: "say", text: words });
export const steps = (...items: readonly string[]): Block => ({ kind: "steps", items });
export const points = (...items: readonly string[]): Block => ({ kind: "points", items });
export const keys = (...items: readonly (readonly [string, string])[]): Block => ({ kind: "keys", items });

/** Who reads what: by role, the own handbook first. Whoever steers or checks the work reads the agent's too. */
export function readersOf(role: string): readonly Reader[] {
  switch (role) {
    case "agent":
      return ["agent"];
    case "client":
      return ["client"];
    case "administrator":
      return ["administrator", "supervisor", "agent", "client"];
    default:
      return ["supervisor", "agent", "client"];
  }
}

const NAMED = /\[\[([\w.]+)\]\]/g;

/** Fill in the names that the panel itself uses. */
export function named(words: string, nameOf: (key: string) => string): string {
  return words.replace(NAMED, (_, key: string) => nameOf(key));
}

/** The message keys that a handbook names. */
export function namesIn(book: Handbook): readonly string[] {
  return book.flatMap((chapter) => linesOf(chapter).flatMap((line) => [...line.matchAll(NAMED)].map((found) => found[1] ?? "")));
}

export function linesOf(chapter: Chapter): readonly string[] {
  return [chapter.title, ...chapter.blocks.flatMap(linesOfBlock)];
}

function linesOfBlock(block: Block): readonly string[] {
  switch (block.kind) {
    case "text":
    case "say":
      return [block.text];
    case "steps":
    case "points":
      return block.items;
    case "keys":
      return block.items.map(([key, does]) => `${key} ${does}`);
  }
}

/** The chapters in which every word of `query` stands, in any order; all of them for an empty one. */
export function found(book: Handbook, query: string, nameOf: (key: string) => string): Handbook {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return book;
  return book.filter((chapter) => {
    const whole = plain(linesOf(chapter).map((line) => named(line, nameOf)).join("\n"));
    return words.every((word) => whole.includes(word));
  });
}

function plain(words: string): string {
  return words.normalize("NFD").replace(/\p{Mark}/gu, "").toLowerCase();
}
