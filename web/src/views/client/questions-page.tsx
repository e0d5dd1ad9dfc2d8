import { type ReactElement, useEffect } from "react";
import type { QuestionLine, QuestionState } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { QuestionsModel } from "../../state/questions";
import { useApp, useWords } from "../../ui/app-context";
import { PagedTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Badge, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCampaigns } from "../supervisor/use-campaigns";
import { QuestionBadge } from "./question-panel";

const STATES: readonly QuestionState[] = ["open", "answered", "closed"];

/** All threads, the latest changed first; their words stand on the cases' pages. */
export function QuestionsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const campaigns = useCampaigns();
  const model = useModel(() => new QuestionsModel(client));
  const pages = useStore(model.list);
  const state = useStore(model.state);
  useEffect(() => void model.list.reload(), [model]);
  return (
    <>
      <PageHead title={t("questions.title")} />
      <div className="stack stack--wide">
        <p className="muted">{t("questions.intro")}</p>
        <Panel label={t("cases.filter")}>
          <div className="filter">
            <SelectInput
              label={t("cases.state")}
              value={state === "" ? "all" : state}
              onChange={(chosen) => model.narrow(chosen === "all" ? "" : (chosen as QuestionState))}
              options={[{ id: "all", label: t("questions.state.all") }, ...STATES.map((one) => ({ id: one, label: t(`questions.state.${one}`) }))]}
            />
          </div>
        </Panel>
        <Panel>
          <PagedTable<QuestionLine>
            label={t("questions.title")}
            pages={pages}
            none={t("questions.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(line) => line.case}
            columns={[
              {
                head: t("cases.reference"),
                cell: (line) => (
                  <span className="row row--tight">
                    <span className="nowrap"><Link to={`/cases/${line.case}`}>{line.client_refs[0] ?? line.case.slice(-8)}</Link></span>
                    {line.unread > 0 && <Badge tone="accent">{t("questions.unread", { count: line.unread })}</Badge>}
                  </span>
                ),
              },
              { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
              { head: t("cases.state"), cell: (line) => <QuestionBadge state={line.state} /> },
              { head: t("questions.messages"), align: "end", cell: ({ messages }) => messages },
              { head: t("questions.changed"), cell: ({ changed_at: at }) => dateTime(at, locale) },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}
