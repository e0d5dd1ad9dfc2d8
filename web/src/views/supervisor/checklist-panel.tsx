import { type ReactElement, useEffect, useState } from "react";
import type { ChecklistItem } from "../../api/types";
import { day, isoDay } from "../../domain/dates";
import { sentence } from "../../domain/text";
import { ChecklistModel, openItems } from "../../state/checklist";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DateInput, TextInput } from "../../ui/fields";
import { Icon } from "../../ui/icon";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const TONES = { open: "bad", fact: "good", ticked: "good", waived: "warn" } as const;

/** What must be there before the campaign goes live; what no data of ours tell is ticked here. */
export function ChecklistPanel({ id, onChanged }: { readonly id: string; readonly onChanged: () => void }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ChecklistModel(client, id));
  const { data, error } = useStore(model.list);
  const acting = useStore(model.acting);
  const [ticking, setTicking] = useState<ChecklistItem["item"] | null>(null);
  useEffect(() => void model.list.reload(), [model]);
  const open = data === null ? 0 : openItems(data.items).length;
  return (
    <Panel title={t("checklist.title")}>
      <ErrorNotice error={error ?? acting.error} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && (
        <>
          <Notice tone={open === 0 ? "good" : "warn"} live="polite">
            {open === 0 ? t("checklist.complete") : t("checklist.open", { n: open })}
          </Notice>
          <ul className="lines">
            {data.items.map((item) => (
              <Item
                key={item.item}
                model={model}
                item={item}
                ticking={ticking === item.item}
                onTick={(wanted) => setTicking(wanted ? item.item : null)}
                onChanged={() => {
                  setTicking(null);
                  onChanged();
                }}
              />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

interface ItemProps {
  readonly model: ChecklistModel;
  readonly item: ChecklistItem;
  readonly ticking: boolean;
  readonly onTick: (wanted: boolean) => void;
  readonly onChanged: () => void;
}

function Item({ model, item, ticking, onTick, onChanged }: ItemProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.acting);
  const mayTick = useMay("campaign.write");
  const mayWaive = useMay("client.write");
  const words = sentence(item.state === "open" ? item.todo : item.text);
  const said = item.state === "ticked" || item.state === "waived";
  return (
    <li className={`check check--${TONES[item.state]}`}>
      <Icon name={item.state === "open" ? "warning" : "check"} />
      <div className="stack stack--tight check__body">
        <span>
          <span className="visually-hidden">{t(`checklist.state.${item.state}`)}: </span>
          {words} {item.state === "waived" && <Badge tone="warn">{t("checklist.state.waived")}</Badge>}
        </span>
        {item.state === "ticked" && <span className="muted">{t("checklist.said", { name: item.name, on: day(item.on ?? "", locale) })}</span>}
        {item.state === "waived" && <span className="muted">{item.by === "" ? item.reason : `${item.reason} (${item.by})`}</span>}
        {ticking ? (
          <TickForm model={model} item={item} onCancel={() => onTick(false)} onDone={onChanged} />
        ) : (
          <span className="row row--tight">
            {item.state === "open" && item.tickable && mayTick && (
              <Button size="small" isDisabled={busy} aria-label={`${t("checklist.tick")}: ${words}`} onPress={() => onTick(true)}>
                {t("checklist.tick")}
              </Button>
            )}
            {item.state === "open" && mayWaive && (
              <Ask
                trigger={
                  <Button size="small" look="quiet" aria-label={`${t("checklist.waive")}: ${words}`}>
                    {t("checklist.waive")}
                  </Button>
                }
                title={t("checklist.waive")}
                text={sentence(item.text)}
                confirm={t("checklist.waive")}
                action={model.acting}
                field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
                onConfirm={async (reason) => {
                  const done = await model.waive(item.item, reason);
                  if (done) onChanged();
                  return done;
                }}
              />
            )}
            {said && mayTick && (
              <Button size="small" look="quiet" isDisabled={busy} aria-label={`${t("checklist.back")}: ${words}`} onPress={() => void model.takeBack(item.item).then((done) => done && onChanged())}>
                {t("checklist.back")}
              </Button>
            )}
          </span>
        )}
      </div>
    </li>
  );
}

interface TickFormProps {
  readonly model: ChecklistModel;
  readonly item: ChecklistItem;
  readonly onCancel: () => void;
  readonly onDone: () => void;
}

function TickForm({ model, item, onCancel, onDone }: TickFormProps): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const today = isoDay(new Date());
  const [on, setOn] = useState(today);
  const [name, setName] = useState("");
  const [asked, setAsked] = useState(false);
  const early = on === "" ? t("checklist.on.wrong") : on > today ? t("checklist.on.late") : undefined;
  const nobody = name.trim().length < 2 ? t("checklist.name.wrong") : undefined;
  return (
    <form
      className="stack stack--tight"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (early === undefined && nobody === undefined) void model.tick(item.item, on, name).then((done) => done && onDone());
      }}
    >
      <div className="columns">
        <TextInput label={t("checklist.name")} value={name} onChange={setName} maxLength={80} focusFirst {...(asked && nobody !== undefined ? { error: nobody } : {})} />
        <DateInput label={t("checklist.on")} value={on} onChange={setOn} {...(asked && early !== undefined ? { error: early } : {})} />
      </div>
      <div className="row">
        <Button type="submit" look="primary" isDisabled={busy}>
          {t("checklist.tick")}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {t("app.cancel")}
        </Button>
      </div>
    </form>
  );
}
