import { type ReactElement, useState } from "react";
import type { Agent } from "../../api/types";
import { useWords } from "../../ui/app-context";
import { Notice } from "../../ui/parts";

/** Who listens to this call and how, at once; and that it is over. Said by a screen reader too. */
export function ListenerNotice({ listener }: { readonly listener: Agent["listener"] }): ReactElement {
  const { t } = useWords();
  const [seen, setSeen] = useState(false);
  if (listener !== null && !seen) setSeen(true);
  const way = listener?.hears === true || listener?.mode !== "listen" ? listener?.mode : "coming";
  return (
    <div className="live" aria-live="assertive">
      {listener !== null && way !== undefined && <Notice tone={way === "coming" || way === "listen" ? "info" : "warn"}>{t(`ear.${way}`, { name: listener.name })}</Notice>}
      {listener === null && seen && <p className="muted">{t("ear.over")}</p>}
    </div>
  );
}
