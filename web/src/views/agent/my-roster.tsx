import { type ReactElement, useEffect } from "react";
import type { MyRoster as Days } from "../../api/types";
import { showShift } from "../../domain/roster";
import { Query } from "../../state/query";
import { useApp, useWords } from "../../ui/app-context";
import { ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { RosterFeed } from "./roster-feed";

/** When the agent works, today and the two weeks to come; nothing where nobody keeps a roster. */
export function MyRoster(): ReactElement | null {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new Query<Days>(() => client.get("/agents/me/roster")));
  const { data, error } = useStore(model);
  useEffect(() => void model.reload(), [model]);
  const long = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });
  if (error === null && (data === null || data.days.length === 0)) return null;
  return (
    <Panel title={t("roster.mine")}>
      <ErrorNotice error={error} onRetry={() => void model.reload()} />
      <ul className="lines">
        {data?.days.map(({ day, shifts, away }) => (
          <li key={day} className="line">
            <span>{day === data.today ? t("roster.today") : long.format(new Date(day))}</span>
            <span className={away ? "muted" : ""}>{away ? t("roster.away") : shifts.map(showShift).join(", ")}</span>
          </li>
        ))}
      </ul>
      <RosterFeed />
    </Panel>
  );
}
