import { type ReactElement, useEffect, useRef, useState } from "react";
import { search } from "../../domain/knowledge";
import type { CallModel } from "../../state/call";
import { useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { ErrorNotice, Key, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

/** What the client wants its agents to know: searched from the keyboard (`/`), opened with Enter. Without cards: nothing. */
export function KnowledgePanel({ call }: { readonly call: CallModel }): ReactElement | null {
  const { t } = useWords();
  const { data, error } = useStore(call.knowledge);
  const [typed, setTyped] = useState("");
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => void call.knowledge.reload(), [call]);
  useKeys((key) => {
    const field = box.current?.querySelector("input") ?? null;
    if (key !== "/" || field === null) return false;
    field.focus();
    return true;
  });
  if (error !== null)
    return (
      <Panel title={t("knowledge.title")}>
        <ErrorNotice error={error} onRetry={() => void call.knowledge.reload()} />
      </Panel>
    );
  if (data === null || data.length === 0) return null;
  const found = search(data, typed);
  return (
    <Panel title={t("knowledge.title")} aside={<Key>/</Key>}>
      <div ref={box}>
        <TextInput type="search" label={t("knowledge.search")} value={typed} onChange={setTyped} maxLength={60} />
      </div>
      <p className="visually-hidden" role="status">
        {t("knowledge.found", { count: found.length })}
      </p>
      {found.length === 0 && <p className="muted">{t("knowledge.nothing")}</p>}
      {found.map((card) => (
        // One hit stands open: nothing more to press.
        <details key={`${card.id} ${String(found.length === 1)}`} className="knowledge" open={found.length === 1}>
          <summary>{card.title}</summary>
          <p className="knowledge__text">{card.text}</p>
        </details>
      ))}
    </Panel>
  );
}
