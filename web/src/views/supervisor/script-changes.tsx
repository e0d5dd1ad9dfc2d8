import type { ReactElement } from "react";
import type { ScriptChange } from "../../api/types";
import { placeWords, valueWords } from "../../domain/script-change";
import { useWords } from "../../ui/app-context";

/** What differs between two versions, step by step. */
export function ScriptChanges({ changes }: { readonly changes: readonly ScriptChange[] }): ReactElement {
  const { t, code } = useWords();
  return (
    <ul className="lines">
      {changes.map((change) => (
        <li key={change.step} className="line line--block">
          <strong>
            {change.step === "" ? t("script.change.whole") : `${change.step} ${change.title}`}: {t(`script.change.${change.kind}`)}
          </strong>
          {change.kind === "changed" &&
            change.fields.map(({ field, before, after }) => (
              <span key={field}>
                <em>{placeWords(field, t, code)}:</em> {valueWords(field, after, t, code)} <span className="muted">({t("script.change.was", { before: valueWords(field, before, t, code) })})</span>
              </span>
            ))}
        </li>
      ))}
    </ul>
  );
}
