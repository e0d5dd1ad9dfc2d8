/** What pacing has learned, in words. */

/** The share at a moment: that of the last place that is not beyond it; 0 before the first. */
export function shareAt(places: readonly number[], shares: readonly number[], second: number): number {
  const place = places.findLastIndex((at) => at <= second);
  return place < 0 ? 0 : (shares[place] ?? 0);
}

/** A level against the usual one: within a tenth it is as usual, else so many times as much or as little. */
export function times(level: number): { readonly word: "usual" | "more" | "less"; readonly factor: number } {
  if (level > 1.1) return { word: "more", factor: level };
  if (level < 0.9) return { word: "less", factor: 1 / level };
  return { word: "usual", factor: 1 };
}
