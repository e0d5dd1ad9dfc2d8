import type { ReactElement } from "react";
import type { DayBook } from "../../api/types";
import { closing } from "../../domain/day";
import { useApp, useWords } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Link, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** The day's close: a line for each thing that should not be left over the night, done or not, and where to go for it. */
export function ClosePanel({ day }: { readonly day: DayBook }): ReactElement {
  const { hub } = useApp();
  const { t } = useWords();
  const { floor } = useStore(hub);
  const present = (floor?.agents ?? []).filter(({ state }) => state !== "off");
  const lines = closing(day, present.map(({ name }) => name));
  const left = lines.filter(({ count }) => count > 0).length;
  return (
    <Panel title={t("close.title")} aside={<span className="muted">{left === 0 ? t("close.done") : t("close.left", { n: left })}</span>}>
      <ul className="lines">
        {lines.map(({ kind, count, names, to }) => (
          <li key={kind} className={`check check--${count > 0 ? "warn" : "good"}`}>
            <Icon name={count > 0 ? "warning" : "check"} />
            <span className="check__body">
              {t(count === 0 ? `close.${kind}.none` : count === 1 ? `close.${kind}.one` : `close.${kind}`, { count })}
              {names.length > 0 && <span className="muted">: {names.join(", ")}</span>}
            </span>
            {count > 0 && (
              <Link to={to}>
                {t("close.go")}
                <span className="visually-hidden"> {t(`close.${kind}.where`)}</span>
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
