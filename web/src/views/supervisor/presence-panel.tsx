import { type ReactElement, useEffect } from "react";
import type { Roster } from "../../api/types";
import { isPlanned, type Presence, presences, showShift } from "../../domain/roster";
import { RosterToday } from "../../state/roster";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, ErrorNotice, Link, Notice, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const TONES: Readonly<Record<Presence, Tone>> = { late: "bad", unplanned: "warn", here: "good", soon: "plain", over: "plain", away: "info" };

/** Today's roster; null for who may not see it, or before it is there. */
function useRosterToday(): { readonly roster: Roster | null; readonly today: RosterToday } {
  const { client } = useApp();
  const today = useModel(() => new RosterToday(client));
  const { data } = useStore(today.view);
  const may = useMay("team.write");
  useEffect(() => (may ? today.start() : undefined), [today, may]);
  return { roster: data, today };
}

/** Who is planned today and who is there, by the live feed. Where nobody keeps a roster: where to begin. */
export function PresencePanel(): ReactElement {
  const { hub } = useApp();
  const { t } = useWords();
  const { floor } = useStore(hub);
  const { roster, today } = useRosterToday();
  const { error } = useStore(today.view);
  const rows = roster === null || !isPlanned(roster) ? [] : presences(roster, floor?.agents ?? []);
  return (
    <Panel title={t("presence.title")} aside={<Link to="/team/roster">{t("presence.roster")}</Link>}>
      <ErrorNotice error={error} onRetry={() => void today.view.reload()} />
      {roster !== null && rows.length === 0 && <p className="muted">{t("presence.none")}</p>}
      {rows.length > 0 && (
        <DataTable
          label={t("presence.title")}
          rows={rows}
          id={({ user }) => user}
          columns={[
            { head: t("floor.name"), cell: ({ name }) => <strong>{name}</strong> },
            { head: t("presence.planned"), cell: ({ shifts }) => (shifts.length === 0 ? t("app.none") : shifts.map(showShift).join(", ")) },
            { head: t("presence.now"), cell: ({ presence }) => <Badge tone={TONES[presence]}>{t(`presence.is.${presence}`)}</Badge> },
          ]}
        />
      )}
    </Panel>
  );
}

/** On the floor: who should be there now and is not. Nothing where all are. */
export function MissingNotice(): ReactElement | null {
  const { hub } = useApp();
  const { t } = useWords();
  const { floor } = useStore(hub);
  const { roster } = useRosterToday();
  if (roster === null || floor === null) return null;
  const late = presences(roster, floor.agents).filter(({ presence }) => presence === "late");
  return late.length === 0 ? null : (
    <Notice tone="warn" live="polite">
      {t("presence.missing", { names: late.map(({ name }) => name).join(", ") })}
    </Notice>
  );
}
