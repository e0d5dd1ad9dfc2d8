/** The handbook of whoever is signed in, and of those whose work he steers: read, searched, printed. */

import { type ReactElement, useState } from "react";
import { Label, RadioGroup } from "react-aria-components";
import { type Block, type Chapter, found, named, type Reader, readersOf } from "../domain/handbook";
import { HANDBOOKS } from "../handbook";
import { codeMessage } from "../i18n";
import { useWords } from "../ui/app-context";
import { RadioChoice } from "../ui/choices";
import { TextInput } from "../ui/fields";
import { Empty, Key, PageHead, Panel } from "../ui/parts";

export function HandbookPage({ role }: { readonly role: string }): ReactElement {
  const { t, code, language } = useWords();
  const readers = readersOf(role);
  const [reader, setReader] = useState<Reader>(readers[0] ?? "agent");
  const [query, setQuery] = useState("");
  const nameOf = (key: string): string => codeMessage(language, key.split(".")[0] ?? "", key.split(".").slice(1).join("."), key);
  const book = HANDBOOKS[reader][language];
  const chapters = found(book, query, nameOf);
  return (
    <>
      <PageHead title={t("nav.handbook")} />
      <div className="handbook">
        <aside className="handbook__side stack">
          <TextInput label={t("handbook.search")} type="search" value={query} onChange={setQuery} maxLength={60} />
          {readers.length > 1 && (
            <RadioGroup className="choices" value={reader} onChange={(value) => setReader(value as Reader)}>
              <Label className="label">{t("handbook.reader")}</Label>
              <div className="row">
                {readers.map((one) => (
                  <RadioChoice key={one} value={one}>
                    {code("role", one)}
                  </RadioChoice>
                ))}
              </div>
            </RadioGroup>
          )}
          <nav aria-label={t("handbook.chapters")}>
            <ul className="handbook__list">
              {chapters.map((chapter) => (
                <li key={chapter.id}>
                  <a className="link" href={`#chapter-${chapter.id}`}>
                    {chapter.title}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </aside>
        <div className="stack" role="region" aria-live="polite" aria-label={code("role", reader)}>
          {chapters.length === 0 && <Empty>{t("handbook.none")}</Empty>}
          {chapters.map((chapter) => (
            <ChapterPanel key={chapter.id} chapter={chapter} nameOf={nameOf} />
          ))}
        </div>
      </div>
    </>
  );
}

function ChapterPanel({ chapter, nameOf }: { readonly chapter: Chapter; readonly nameOf: (key: string) => string }): ReactElement {
  return (
    <div id={`chapter-${chapter.id}`} className="handbook__chapter">
      <Panel title={chapter.title}>
        {chapter.blocks.map((block, place) => (
          <BlockView key={place} block={block} nameOf={nameOf} />
        ))}
      </Panel>
    </div>
  );
}

function BlockView({ block, nameOf }: { readonly block: Block; readonly nameOf: (key: string) => string }): ReactElement {
  const { t } = useWords();
  switch (block.kind) {
    case "text":
      return <p>{named(block.text, nameOf)}</p>;
    case "say":
      return (
        <figure className="handbook__say">
          <figcaption className="muted">{t("handbook.say")}</figcaption>
          <blockquote>{named(block.text, nameOf)}</blockquote>
        </figure>
      );
    case "steps":
      return <ol className="handbook__items">{itemsOf(block.items, nameOf)}</ol>;
    case "points":
      return <ul className="handbook__items">{itemsOf(block.items, nameOf)}</ul>;
    case "keys":
      return (
        <dl className="handbook__keys">
          {block.items.map(([key, does]) => (
            <div key={key}>
              <dt>
                <Key>{key}</Key>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      );
  }
}

function itemsOf(items: readonly string[], nameOf: (key: string) => string): readonly ReactElement[] {
  return items.map((item) => <li key={item}>{named(item, nameOf)}</li>);
}
