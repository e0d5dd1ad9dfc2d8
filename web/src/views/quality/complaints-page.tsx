import { type ReactElement, useEffect } from "react";
import type { ComplaintLine } from "../../api/types";
import { dateTime, day, isoDay } from "../../domain/dates";
import { ComplaintsModel } from "../../state/complaints";
import { useApp, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { PagedTable } from "../../ui/data-table";
import { Badge, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCampaigns } from "../supervisor/use-campaigns";
import { isWaiting } from "./complaint-page";
import { QualityTabs } from "./tabs";

/** Complaints that wait for an answer, or those that are done. */
export function ComplaintsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new ComplaintsModel(client));
  const pages = useStore(model.list);
  const open = useStore(model.open);
  const campaigns = useCampaigns();
  useEffect(() => void model.list.reload(), [model]);
  const today = isoDay(new Date(client.now() * 1000));
  return (
    <>
      <PageHead title={t("quality.title")} />
      <div className="stack stack--wide">
        <QualityTabs part="complaints" />
        <p className="muted">{t("complaints.intro")}</p>
        <Panel>
          <div className="row">
            <CheckChoice selected={!open} onChange={(done) => model.show(!done)}>
              {t("complaints.done")}
            </CheckChoice>
          </div>
          <PagedTable<ComplaintLine>
            label={t("complaints.title")}
            pages={pages}
            none={t(open ? "complaints.none" : "complaints.none.done")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(line) => line.id}
            columns={[
              {
                head: t("complaints.received"),
                cell: (line) => (
                  <span className="row row--tight">
                    <Link to={`/quality/${line.id}/complaint`}>{dateTime(line.received_at, locale)}</Link>
                    {isWaiting(line) && line.due_on < today && <Badge tone="bad">{t("complaints.late")}</Badge>}
                  </span>
                ),
              },
              { head: t("cases.state"), cell: ({ state }) => t(`complaints.state.${state}`) },
              { head: t("complaints.due"), cell: ({ due_on: due }) => day(due, locale) },
              { head: t("complaints.owner"), cell: (line) => (line.owner_name === "" ? t("complaints.nobody") : line.owner_name) },
              { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}
