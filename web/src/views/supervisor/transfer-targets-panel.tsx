import { type ReactElement, useEffect } from "react";
import type { TransferTarget } from "../../api/types";
import { languageWord } from "../../domain/skills";
import { TransferTargetsModel } from "../../state/transfer-targets";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { EditTarget, TargetForm } from "./transfer-target-form";
import { Week } from "./week-fields";

/** To whom calls of this client may go. No other number is rung for a transfer. */
export function TransferTargetsPanel({ of }: { readonly of: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new TransferTargetsModel(client, of));
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const mayWrite = useMay("campaign.write");
  useEffect(() => void model.list.reload(), [model]);
  return (
    <Panel title={t("targets.title")}>
      <p className="muted">{t("targets.intro")}</p>
      <ErrorNotice error={error ?? failed} />
      {data?.length === 0 && <Empty>{t("targets.none")}</Empty>}
      {data !== null && data.length > 0 && <List model={model} targets={data} mayWrite={mayWrite} />}
      {mayWrite && <Make model={model} />}
    </Panel>
  );
}

interface ListProps {
  readonly model: TransferTargetsModel;
  readonly targets: readonly TransferTarget[];
  readonly mayWrite: boolean;
}

function List({ model, targets, mayWrite }: ListProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.acting);
  return (
    <DataTable
      label={t("targets.title")}
      rows={targets}
      id={({ id }) => id}
      columns={[
        {
          head: t("targets.name"),
          cell: ({ name, kind, languages }) => (
            <>
              <strong>{name}</strong>
              <div className="muted">{[t(`transfer.kind.${kind}`), ...languages.map((code) => languageWord(code, locale))].join(", ")}</div>
            </>
          ),
        },
        { head: t("targets.number"), cell: ({ number }) => number },
        { head: t("targets.hours"), cell: ({ hours }) => <Week hours={hours} /> },
        { head: t("targets.state"), cell: ({ active }) => (active ? <Badge tone="good">{t("targets.on")}</Badge> : <Badge>{t("targets.off")}</Badge>) },
        {
          head: t("floor.action"),
          cell: (target) =>
            mayWrite && (
              <span className="row">
                <EditTarget key={target.version} model={model} target={target} />
                <Button size="small" isDisabled={busy} aria-label={t(target.active ? "targets.stop.of" : "targets.start.of", { name: target.name })} onPress={() => void model.use(target, !target.active)}>
                  {t(target.active ? "targets.stop" : "targets.start")}
                </Button>
              </span>
            ),
        },
      ]}
    />
  );
}

function Make({ model }: { readonly model: TransferTargetsModel }): ReactElement {
  const { t } = useWords();
  return (
    <>
      <h3>{t("targets.make")}</h3>
      <TargetForm model={model} submit={t("targets.add")} onWish={model.add} />
    </>
  );
}
