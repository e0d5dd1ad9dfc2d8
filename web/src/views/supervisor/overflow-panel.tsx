import { type ReactElement, useEffect, useState } from "react";
import type { OverflowLine } from "../../api/types";
import { isHours, parseHours, showHours } from "../../domain/hours";
import { type LineWish, OverflowLinesModel } from "../../state/overflow-lines";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { DataTable } from "../../ui/data-table";
import { ButtonDialog, DialogFrame } from "../../ui/dialog-frame";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { OFFICE, Week, WeekFields } from "./week-fields";

/** Lines on which other teams' queues hand us the calls that they cannot take. */
export function OverflowPanel({ of }: { readonly of: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new OverflowLinesModel(client, of));
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const mayWrite = useMay("campaign.write");
  useEffect(() => void model.list.reload(), [model]);
  return (
    <Panel title={t("overflow.title")}>
      <p className="muted">{t("overflow.intro")}</p>
      <ErrorNotice error={error ?? failed} />
      {data?.lines.length === 0 && <Empty>{t("overflow.none")}</Empty>}
      {data !== null && data.lines.length > 0 && <List model={model} lines={data.lines} mayWrite={mayWrite} />}
      {mayWrite && data !== null && data.campaigns.length > 0 && (
        <DialogFrame title={t("overflow.make")} trigger={<Button>{t("overflow.make")}</Button>}>
          {(close) => (
            <LineForm
              model={model}
              submit={t("overflow.add")}
              onWish={async (wish) => {
                if (await model.add(wish)) close();
              }}
            />
          )}
        </DialogFrame>
      )}
    </Panel>
  );
}

interface ListProps {
  readonly model: OverflowLinesModel;
  readonly lines: readonly OverflowLine[];
  readonly mayWrite: boolean;
}

function List({ model, lines, mayWrite }: ListProps): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  return (
    <DataTable
      label={t("overflow.title")}
      rows={lines}
      id={({ id }) => id}
      columns={[
        {
          head: t("overflow.team"),
          cell: ({ team, opening }) => (
            <>
              <strong>{team}</strong>
              <div className="muted">{opening}</div>
            </>
          ),
        },
        {
          head: t("targets.number"),
          cell: ({ number, back_number }) => (
            <>
              <div>{number}</div>
              <div className="muted">{`${t("overflow.back")}: ${back_number}`}</div>
            </>
          ),
        },
        { head: t("overflow.hours"), cell: ({ hours }) => <Week hours={hours} /> },
        {
          head: t("overflow.limits"),
          cell: ({ most_waiting, most_seconds, after_own }) => (
            <>
              <div>{t("overflow.limits.value", { waiting: most_waiting, seconds: most_seconds })}</div>
              <div className="muted">{t(after_own ? "overflow.order.after" : "overflow.order.with")}</div>
            </>
          ),
        },
        { head: t("overflow.state"), cell: ({ active }) => (active ? <Badge tone="good">{t("targets.on")}</Badge> : <Badge>{t("targets.off")}</Badge>) },
        {
          head: t("floor.action"),
          cell: (line) =>
            mayWrite && (
              <span className="row">
                <EditLine key={line.version} model={model} line={line} />
                <Button size="small" isDisabled={busy} aria-label={t(line.active ? "targets.stop.of" : "targets.start.of", { name: line.team })} onPress={() => void model.use(line, !line.active)}>
                  {t(line.active ? "targets.stop" : "targets.start")}
                </Button>
              </span>
            ),
        },
      ]}
    />
  );
}

function EditLine({ model, line }: { readonly model: OverflowLinesModel; readonly line: OverflowLine }): ReactElement {
  const { t } = useWords();
  return (
    <ButtonDialog title={t("overflow.edit.of", { name: line.team })} label={t("overflow.edit")}>
      {(close) => (
        <LineForm
          model={model}
          line={line}
          submit={t("app.save")}
          onWish={async (wish) => {
            if (await model.change(line, wish)) close();
          }}
        />
      )}
    </ButtonDialog>
  );
}

interface FormProps {
  readonly model: OverflowLinesModel;
  readonly line?: OverflowLine;
  readonly submit: string;
  readonly onWish: (wish: LineWish) => Promise<void>;
}

function LineForm({ model, line, submit, onWish }: FormProps): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const campaigns = useStore(model.list).data?.campaigns ?? [];
  const [campaign, setCampaign] = useState(line?.campaign ?? campaigns[0]?.id ?? "");
  const [number, setNumber] = useState(line?.number ?? "");
  const [team, setTeam] = useState(line?.team ?? "");
  const [opening, setOpening] = useState(line?.opening ?? "");
  const [back, setBack] = useState(line?.back_number ?? "");
  const [week, setWeek] = useState<readonly string[]>(line === undefined ? OFFICE : line.hours.map(showHours));
  const [afterOwn, setAfterOwn] = useState(line?.after_own ?? true);
  const [waiting, setWaiting] = useState(String(line?.most_waiting ?? 3));
  const [seconds, setSeconds] = useState(String(line?.most_seconds ?? 120));
  const hours = week.map(parseHours);
  const right = hours.filter(isHours);
  const counts = [Number(waiting), Number(seconds)].every((count) => Number.isInteger(count) && count > 0);
  const ready = [team, opening, campaign].every((text) => text.trim() !== "") && number.trim().length >= 8 && back.trim().length >= 8 && right.length === hours.length && counts;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void onWish({ campaign, number, team, opening, back_number: back, hours: right, after_own: afterOwn, most_waiting: Number(waiting), most_seconds: Number(seconds) });
      }}
    >
      <ErrorNotice error={error} />
      <div className="columns">
        <TextInput label={t("overflow.team")} hint={t("overflow.team.hint")} value={team} onChange={setTeam} maxLength={60} />
        <SelectInput label={t("overflow.campaign")} hint={t("overflow.campaign.hint")} value={campaign} onChange={setCampaign} options={campaigns.map(({ id, name }) => ({ id, label: name }))} />
        <TextInput label={t("overflow.number")} hint={t("overflow.number.hint")} value={number} onChange={setNumber} maxLength={20} type="tel" disabled={line !== undefined} />
        <TextInput label={t("overflow.back")} hint={t("overflow.back.hint")} value={back} onChange={setBack} maxLength={20} type="tel" />
      </div>
      <TextInput label={t("overflow.opening")} value={opening} onChange={setOpening} maxLength={300} />
      <div className="columns">
        <TextInput label={t("overflow.waiting")} value={waiting} onChange={setWaiting} maxLength={2} />
        <TextInput label={t("overflow.seconds")} value={seconds} onChange={setSeconds} maxLength={3} />
      </div>
      <CheckChoice selected={afterOwn} onChange={setAfterOwn}>
        {t("overflow.after")}
      </CheckChoice>
      <WeekFields week={week} onWeek={setWeek} hint={t("targets.hours.holidays")} />
      <div className="row">
        <Button type="submit" look="primary" isDisabled={busy || !ready}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
