import { type ReactElement, useState } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import type { SlotSource } from "../../api/types";
import { DAYS } from "../../domain/campaign-form";
import { day } from "../../domain/dates";
import { type BookingsModel, isComplete, NEW_SLOTS, type SlotForm } from "../../state/bookings";
import { useMay, useWords } from "../../ui/app-context";
import { CheckChoice, Toggle } from "../../ui/choices";
import { DateInput, SelectInput, TextInput, TimeInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { SlotFeed } from "./slot-feed";

const MEETINGS: readonly SlotSource["meeting"][] = ["office", "phone", "home"];

/** When the client has time: a week's pattern, the days without, on and off. */
export function SlotsPanel({ model }: { readonly model: BookingsModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.sources);
  const { error: failed } = useStore(model.offering);
  const mayWrite = useMay("booking.write");
  return (
    <div className={mayWrite ? "page-grid" : "stack"}>
      <Panel title={t("slots.title")}>
        <p className="muted">{t("slots.intro")}</p>
        <ErrorNotice error={error} onRetry={() => void model.sources.reload()} />
        <ErrorNotice error={failed} />
        {data?.length === 0 && <Empty>{t("slots.none")}</Empty>}
        {data?.map((source) => (
          <Source key={source.id} model={model} source={source} mayWrite={mayWrite} />
        ))}
      </Panel>
      {mayWrite && <Offer model={model} />}
    </div>
  );
}

interface SourceProps {
  readonly model: BookingsModel;
  readonly source: SlotSource;
  readonly mayWrite: boolean;
}

function Source({ model, source, mayWrite }: SourceProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.offering);
  const [free, setFree] = useState("");
  const { name, on, kind, place, meeting, weekdays, begin, end, minutes, except_on: exceptions } = source;
  const days = weekdays.map((number) => t(`settings.day.${DAYS[number] ?? "mon"}`).slice(0, 2).toLowerCase()).join(", ");
  return (
    <section className="slot-source" aria-label={name}>
      <div className="row row--between">
        <strong>{name}</strong>
        {mayWrite ? (
          <Toggle selected={on} onChange={(now) => void model.turn(source, now)}>
            {t(on ? "slots.on" : "slots.off")}
          </Toggle>
        ) : (
          <Badge tone={on ? "good" : "plain"}>{t(on ? "slots.on" : "slots.off")}</Badge>
        )}
      </div>
      {kind === "own" && <div>{t("slots.pattern", { days, begin: begin ?? "", end: end ?? "", minutes: String(minutes) })}</div>}
      <div className="muted">
        {t(`slots.meeting.${meeting}`)}, {place}
      </div>
      <div className="muted">{t("slots.coming", { free: String(source.free), coming: String(source.coming) })}</div>
      {kind === "feed" && <SlotFeed model={model} source={source} mayWrite={mayWrite} />}
      {kind === "own" && exceptions.length > 0 && (
        <div className="row row--tight">
          <span className="muted">{t("slots.except")}</span>
          {exceptions.map((one) => (
            <Button key={one} size="small" look="quiet" isDisabled={!mayWrite || busy} aria-label={t("slots.except.undo", { day: day(one, locale) })} onPress={() => void model.except(source, one, false)}>
              {day(one, locale)} ×
            </Button>
          ))}
        </div>
      )}
      {kind === "own" && mayWrite && (
        <form
          className="row row--tight"
          onSubmit={(event) => {
            event.preventDefault();
            if (free !== "") void model.except(source, free, true).then((done) => done && setFree(""));
          }}
        >
          <DateInput label={t("slots.except.add")} value={free} onChange={setFree} disabled={busy} />
          <Button size="small" type="submit" isDisabled={busy || free === ""}>
            {t("slots.except.do")}
          </Button>
        </form>
      )}
    </section>
  );
}

function Offer({ model }: { readonly model: BookingsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.offering);
  const [form, setForm] = useState<SlotForm>(NEW_SLOTS);
  const [done, setDone] = useState(false);
  const edit = (change: Partial<SlotForm>): void => {
    setDone(false);
    setForm({ ...form, ...change });
  };
  return (
    <Panel title={t("slots.add")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isComplete(form)) return;
          void model.offer(form).then((made) => {
            if (!made) return;
            setForm({ ...NEW_SLOTS, kind: form.kind, minutes: form.minutes, place: form.place, meeting: form.meeting });
            setDone(true);
          });
        }}
      >
        <SelectInput
          label={t("slots.kind")}
          value={form.kind}
          onChange={(kind) => edit(kind === "feed" ? { kind, minutes: "0" } : { kind: "own", minutes: NEW_SLOTS.minutes })}
          options={(["own", "feed"] as const).map((id) => ({ id, label: t(`slots.kind.${id}`) }))}
        />
        <TextInput label={t("slots.name")} hint={t("slots.name.hint")} value={form.name} onChange={(name) => edit({ name })} maxLength={60} />
        {form.kind === "feed" && <TextInput label={t("slots.feed.url")} hint={t("slots.feed.url.hint")} value={form.url} onChange={(url) => edit({ url })} maxLength={1000} />}
        {form.kind === "own" && <Week form={form} edit={edit} />}
        <div className="columns">
          <TextInput label={t("slots.minutes")} {...(form.kind === "feed" ? { hint: t("slots.feed.minutes") } : {})} value={form.minutes} onChange={(minutes) => edit({ minutes })} maxLength={3} size="short" />
          <TextInput label={t("slots.seats")} value={form.seats} onChange={(seats) => edit({ seats })} maxLength={2} size="short" />
        </div>
        <SelectInput
          label={t("slots.meeting")}
          value={form.meeting}
          onChange={(value) => edit({ meeting: MEETINGS.find((one) => one === value) ?? "office" })}
          options={MEETINGS.map((id) => ({ id, label: t(`slots.meeting.${id}`) }))}
        />
        <TextInput label={t("slots.place")} hint={t("slots.place.hint")} value={form.place} onChange={(place) => edit({ place })} maxLength={120} />
        {form.kind === "own" && <DateInput label={t("slots.until")} value={form.until} onChange={(until) => edit({ until })} />}
        <Button look="primary" type="submit" isDisabled={busy || !isComplete(form)}>
          {t("slots.add")}
        </Button>
        <span role="status">{done ? t("slots.added") : ""}</span>
      </form>
    </Panel>
  );
}

interface WeekProps {
  readonly form: SlotForm;
  readonly edit: (change: Partial<SlotForm>) => void;
}

function Week({ form, edit }: WeekProps): ReactElement {
  const { t } = useWords();
  return (
    <>
      <CheckboxGroup className="choices" value={form.weekdays.map(String)} onChange={(days) => edit({ weekdays: days.map(Number).sort() })}>
        <Label className="label">{t("slots.weekdays")}</Label>
        <div className="row row--tight">
          {DAYS.map((one, number) => (
            <CheckChoice key={one} value={String(number)}>
              {t(`settings.day.${one}`).slice(0, 2)}
            </CheckChoice>
          ))}
        </div>
      </CheckboxGroup>
      <div className="columns">
        <TimeInput label={t("slots.begin")} value={form.begin} onChange={(begin) => edit({ begin })} />
        <TimeInput label={t("slots.end")} value={form.end} onChange={(end) => edit({ end })} />
      </div>
    </>
  );
}
