import { type ReactElement, useEffect, useState } from "react";
import type { TransferTarget } from "../../api/types";
import { isHours, parseHours, showHours } from "../../domain/hours";
import { languageWord } from "../../domain/skills";
import { TransferTargetsModel } from "../../state/transfer-targets";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { LongTextInput, SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const KINDS: readonly TransferTarget["kind"][] = ["desk", "interpreter", "crisis"];

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
        { head: t("targets.hours"), cell: ({ hours }) => t("targets.hours.shown", { workday: showHours(hours[0] ?? []) || t("targets.shut"), saturday: showHours(hours[5] ?? []) || t("targets.shut") }) },
        { head: t("targets.state"), cell: ({ active }) => (active ? <Badge tone="good">{t("targets.on")}</Badge> : <Badge>{t("targets.off")}</Badge>) },
        {
          head: t("floor.action"),
          cell: (target) =>
            mayWrite && (
              <Button size="small" isDisabled={busy} aria-label={t(target.active ? "targets.stop.of" : "targets.start.of", { name: target.name })} onPress={() => void model.use(target, !target.active)}>
                {t(target.active ? "targets.stop" : "targets.start")}
              </Button>
            ),
        },
      ]}
    />
  );
}

function Make({ model }: { readonly model: TransferTargetsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [kind, setKind] = useState<TransferTarget["kind"]>("desk");
  const [name, setName] = useState("");
  const [number, setNumber] = useState("");
  const [workday, setWorkday] = useState("9:00-17:00");
  const [saturday, setSaturday] = useState("");
  const [languages, setLanguages] = useState("");
  const [protocol, setProtocol] = useState("");
  const hours = [parseHours(workday), parseHours(saturday)] as const;
  const ready = name.trim() !== "" && number.trim().length >= 8 && isHours(hours[0]) && isHours(hours[1]);
  const wrong = (found: (typeof hours)[number]): string | undefined => (isHours(found) ? undefined : t("targets.hours.wrong"));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready || !isHours(hours[0]) || !isHours(hours[1])) return;
        void model.add({ kind, name, number, workday: hours[0], saturday: hours[1], languages, protocol }).then((done) => {
          if (done) for (const set of [setName, setNumber, setLanguages, setProtocol]) set("");
        });
      }}
    >
      <h3>{t("targets.make")}</h3>
      <div className="columns">
        <SelectInput label={t("targets.kind")} value={kind} onChange={(value) => setKind(value as TransferTarget["kind"])} options={KINDS.map((id) => ({ id, label: t(`transfer.kind.${id}`) }))} />
        <TextInput label={t("targets.name")} value={name} onChange={setName} maxLength={60} />
        <TextInput label={t("targets.number")} hint={t("targets.number.hint")} value={number} onChange={setNumber} maxLength={20} type="tel" />
        <TextInput label={t("targets.workday")} value={workday} onChange={setWorkday} maxLength={60} error={wrong(hours[0])} />
        <TextInput label={t("targets.saturday")} value={saturday} onChange={setSaturday} maxLength={60} error={wrong(hours[1])} />
        {kind === "interpreter" && <TextInput label={t("targets.languages")} hint={t("targets.languages.hint")} value={languages} onChange={setLanguages} maxLength={60} />}
      </div>
      {kind === "crisis" && <LongTextInput label={t("targets.protocol")} hint={t("targets.protocol.hint")} value={protocol} onChange={setProtocol} rows={5} maxLength={2000} />}
      <div className="row">
        <Button type="submit" look="primary" isDisabled={busy || !ready}>
          {t("targets.add")}
        </Button>
      </div>
    </form>
  );
}
