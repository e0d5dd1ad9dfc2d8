import type { ReactElement } from "react";
import type { ScriptChange } from "../../api/types";
import { useWords } from "../../ui/app-context";

/** What differs between two versions, step by step. */
export function ScriptChanges({ changes }: { readonly changes: readonly ScriptChange[] }): ReactElement {
  const { t } = useWords();
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
                <code>{field}</code> {after === "" ? t("script.change.empty") : after}{" "}
                <span className="muted">({t("script.change.was", { before: before === "" ? t("script.change.empty") : before })})</span>
              </span>
            ))}
        </li>
      ))}
    </ul>
  );
}
