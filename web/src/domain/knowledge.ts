/** Knowledge cards: which are found, and what a form must hold. */

export interface Found {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Cards in which every word stands, in title or text, whatever the case; those with it in the title first. */
export function search<C extends Found>(cards: readonly C[], typed: string): readonly C[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const hits = cards.filter(({ title, text }) => words.every((word) => `${title} ${text}`.toLowerCase().includes(word)));
  const inTitle = ({ title }: Found): boolean => words.some((word) => title.toLowerCase().includes(word));
  return [...hits.filter(inTitle), ...hits.filter((card) => !inTitle(card))];
}

export interface CardForm {
  readonly client: string;
  readonly title: string;
  readonly text: string;
  readonly from: string;
  /** Empty: without end. */
  readonly to: string;
}

/** True when it can be sent: everything there, and not ended before it begins. */
export function isCard({ client, title, text, from, to }: CardForm): boolean {
  return client !== "" && title.trim() !== "" && text.trim() !== "" && from !== "" && (to === "" || to >= from);
}
