/** Where somebody is signed in, in plain words. */

import type { ReactElement, ReactNode } from "react";
import type { OpenSession } from "../../api/types";
import { useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge } from "../../ui/parts";

interface Props {
  readonly label: string;
  readonly rows: readonly OpenSession[];
  /** The one that looks; null: it is somebody else's list. */
  readonly here: string | null;
  readonly action?: (row: OpenSession, name: string) => ReactNode;
}

export function SessionList({ label, rows, here, action }: Props): ReactElement {
  const { t, code, locale } = useWords();
  const moment = (iso: string): string => new Date(iso).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", timeZone: "Europe/Amsterdam" });
  const name = (row: OpenSession): string => t("sessions.on", { browser: code("browser", row.browser), system: code("system", row.system) });
  return (
    <DataTable
      label={label}
      rows={rows}
      id={(row) => row.id}
      columns={[
        {
          head: t("sessions.where"),
          cell: (row) => (
            <span className="row row--tight">
              {name(row)}
              {row.id === here && <Badge tone="good">{t("sessions.this")}</Badge>}
              {row.locked && <Badge>{t("sessions.locked")}</Badge>}
            </span>
          ),
        },
        { head: t("sessions.since"), cell: (row) => moment(row.created_at) },
        { head: t("sessions.used"), cell: (row) => moment(row.seen_at) },
        ...(action === undefined ? [] : [{ head: t("floor.action"), cell: (row: OpenSession) => (row.id === here ? null : action(row, name(row))) }]),
      ]}
    />
  );
}
