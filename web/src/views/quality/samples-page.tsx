import { type ReactElement, useEffect } from "react";
import type { SampleLine } from "../../api/types";
import { day } from "../../domain/dates";
import { SamplesModel } from "../../state/quality";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { PagedTable } from "../../ui/data-table";
import { Badge, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCampaigns } from "../supervisor/use-campaigns";
import { useCatalogue } from "../supervisor/use-outcomes";
import { QualityTabs } from "./tabs";

/** The daily sample: what is to be looked at, the newest day first, within it the most urgent. */
export function SamplesPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new SamplesModel(client));
  const pages = useStore(model.list);
  const done = useStore(model.done);
  const campaigns = useCampaigns();
  const outcomes = useCatalogue();
  const ours = useMay("quality.manage");
  useEffect(() => void model.list.reload(), [model]);
  return (
    <>
      <PageHead title={t("quality.title")} />
      <div className="stack stack--wide">
        <QualityTabs part="" />
        <p className="muted">{t(ours ? "quality.intro" : "quality.intro.client")}</p>
        <Panel>
          <div className="row">
            <CheckChoice selected={done} onChange={model.show}>
              {t("quality.done")}
            </CheckChoice>
          </div>
          <PagedTable<SampleLine>
            label={t("quality.sample")}
            pages={pages}
            none={t(done ? "quality.none.done" : "quality.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(line) => line.id}
            columns={[
              {
                head: t("quality.record"),
                cell: (line) => (
                  <span className="row row--tight">
                    <Link to={`/quality/${line.id}`}>
                      {day(line.day, locale)} · {outcomes.label(line.outcome)}
                    </Link>
                    {line.reasons
                      .filter((reason) => reason !== "chance")
                      .map((reason) => (
                        <Badge key={reason} tone={reason === "complaint" ? "bad" : "accent"}>
                          {t(`quality.reason.${reason}`)}
                        </Badge>
                      ))}
                  </span>
                ),
              },
              ...(ours ? [{ head: t("floor.agent"), cell: (line: SampleLine) => line.agent_name }] : []),
              { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
              { head: t("quality.other"), cell: ({ theirs }) => t(theirs ? "quality.other.done" : "quality.other.open") },
              { head: t("quality.score"), align: "end", cell: ({ mine, score }) => (mine ? (score ?? t("quality.noScore")) : t("app.none")) },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}
