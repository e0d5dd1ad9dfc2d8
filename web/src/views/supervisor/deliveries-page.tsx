import { type ReactElement, useEffect, useState } from "react";
import type { Delivery } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { DeliveriesModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { PagedTable } from "../../ui/data-table";
import { Badge, Button, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { type ApiError, asApiError } from "../../api/errors";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ArrivalsPanel } from "./arrivals-panel";
import { Counts, UploadPanel } from "./upload-panel";
import { useCampaigns } from "./use-campaigns";

const TONES = { loading: "info", loaded: "good", recalled: "bad" } as const;

export function DeliveriesPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const campaigns = useCampaigns();
  const model = useModel(() => new DeliveriesModel(client, undefined));
  const pages = useStore(model.list);
  const recalled = useStore(model.recalled);
  const mayWrite = useMay("delivery.write");
  const [failed, setFailed] = useState<ApiError | null>(null);
  useEffect(() => void model.list.reload(), [model]);
  const download = (delivery: Delivery): void => {
    setFailed(null);
    model.refusals(delivery.id).then(
      (blob) => saveFile(blob, `weigeringen-${delivery.id.slice(-8)}.csv`),
      (error: unknown) => setFailed(asApiError(error)),
    );
  };
  return (
    <>
      <PageHead title={t("deliveries.title")} />
      <div className="stack stack--wide">
        {mayWrite && <UploadPanel campaigns={campaigns} onLoaded={() => void model.list.reload()} />}
        {recalled !== null && (
          <Notice tone="good" live="polite">
            {t("deliveries.recall.done", { cases: recalled.cases, called: recalled.called.length, seen: recalled.seen_by.length })}
          </Notice>
        )}
        <ErrorNotice error={failed} />
        <Panel>
          <PagedTable
            label={t("deliveries.title")}
            pages={pages}
            none={t("deliveries.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(delivery) => delivery.id}
            columns={[
              { head: t("deliveries.received"), cell: (delivery) => dateTime(delivery.received_at, locale) },
              { head: t("deliveries.campaign"), cell: (delivery) => campaigns.name(delivery.campaign) },
              { head: t("deliveries.kind"), cell: (delivery) => `${t(`deliveries.kind.${delivery.kind}`)} (${delivery.format.toUpperCase()})` },
              { head: t("deliveries.state"), cell: (delivery) => <Badge tone={TONES[delivery.state]}>{t(`deliveries.state.${delivery.state}`)}</Badge> },
              { head: t("deliveries.counts"), cell: (delivery) => <Counts counts={delivery.counts} /> },
              { head: t("floor.action"), cell: (delivery) => <DeliveryActions model={model} delivery={delivery} onDownload={() => download(delivery)} /> },
            ]}
          />
        </Panel>
        <ArrivalsPanel />
      </div>
    </>
  );
}

interface DeliveryActionsProps {
  readonly model: DeliveriesModel;
  readonly delivery: Delivery;
  readonly onDownload: () => void;
}

function DeliveryActions({ model, delivery, onDownload }: DeliveryActionsProps): ReactElement {
  const { t } = useWords();
  const mayRecall = useMay("delivery.recall");
  const words = t("deliveries.recall");
  return (
    <span className="row row--tight">
      <Button size="small" icon="file" onPress={onDownload}>
        {t("deliveries.refusals.download")}
      </Button>
      {mayRecall && delivery.state === "loaded" && delivery.kind !== "visits" && (
        <Ask
          trigger={
            <Button size="small" look="quiet">
              {words}
            </Button>
          }
          title={t("deliveries.recall.title")}
          text={t("deliveries.recall.text")}
          confirm={words}
          action={model.recalling}
          field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
          onConfirm={(reason) => model.recall(delivery.id, reason)}
        />
      )}
    </span>
  );
}
