import { type ReactElement, useEffect } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import type { CampaignSettings } from "../../api/types";
import { type CampaignForm, DAYS, type Fault, type Faults, holdsOut } from "../../domain/campaign-form";
import { day } from "../../domain/dates";
import { showHours } from "../../domain/hours";
import { CampaignSettingsModel } from "../../state/campaign-settings";
import { useApp, useMay, useWords, type Words } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { DateInput, SelectInput, TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { Asked } from "./asked-panel";
import { DryRun } from "./dry-run";

const DIALLING = ["lines", "calls_per_second", "ring_seconds", "abandoned_percent", "abandoned_hours", "person_within_seconds", "preview_seconds", "priority"];

const AFTERWARDS = ["survey_percent"];

/** Units that the setting's name says already. */
const NAMED: ReadonlySet<string> = new Set(["lines", "calls_per_second"]);

export interface PartProps {
  readonly model: CampaignSettingsModel;
  readonly form: CampaignForm;
  readonly settings: CampaignSettings;
  readonly faults: Faults;
  readonly fixed: boolean;
}

export function CampaignSettingsPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new CampaignSettingsModel(client, id, locale === "nl-NL"));
  const { data, error } = useStore(model.loaded);
  const { form } = useStore(model.editing);
  const mayWrite = useMay("campaign.write");
  useEffect(() => void model.load(), [model]);
  const back = { to: `/campaigns/${id}`, text: t("settings.back") };
  if (data === null || form === null)
    return (
      <>
        <PageHead title={t("settings.title")} back={back} />
        <ErrorNotice error={error} onRetry={() => void model.load()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  const part = { model, form, settings: data.settings, faults: model.faults(), fixed: !mayWrite };
  return (
    <>
      <PageHead title={`${data.campaign.name}: ${t("settings.title").toLowerCase()}`} back={back} />
      <form
        className="stack stack--wide"
        onSubmit={(event) => {
          event.preventDefault();
          void model.tryOut();
        }}
      >
        <div className="page-grid page-grid--even">
          <div className="stack stack--wide">
            <Hours {...part} />
            <Exceptions {...part} />
            <Holidays {...part} />
          </div>
          <div className="stack stack--wide">
            <General {...part} />
            <Dialling {...part} />
            <Asked {...part} />
            <Reach {...part} />
            <Afterwards {...part} />
          </div>
        </div>
        {mayWrite && <Keep model={model} />}
      </form>
    </>
  );
}

function words(t: Words["t"], fault: Fault | undefined): string | undefined {
  if (fault === undefined) return undefined;
  if (fault.kind === "hours") return t(`settings.error.hours.${fault.fault}`);
  if (fault.kind === "number") return t(fault.whole ? "settings.error.whole" : "settings.error.number", { low: fault.low, high: fault.high });
  return t(`settings.error.${fault.kind}`);
}

/** `error` only where there is one: the property may not be undefined. */
function shown(error: string | undefined): { readonly error?: string } {
  return error === undefined ? {} : { error };
}

function General({ model, form, faults, fixed }: PartProps): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("settings.general")}>
      <TextInput label={t("settings.name")} value={form.name} onChange={(name) => model.edit({ name })} maxLength={80} disabled={fixed} {...shown(words(t, faults["name"]))} />
      <div className="columns">
        <DateInput label={t("settings.starts")} value={form.starts_on} onChange={(starts_on) => model.edit({ starts_on })} disabled={fixed} />
        <DateInput label={t("settings.ends")} value={form.ends_on} onChange={(ends_on) => model.edit({ ends_on })} disabled={fixed} {...shown(words(t, faults["ends_on"]))} />
      </div>
      <p className="field__hint">{t("settings.dates.hint")}</p>
      <CheckChoice selected={form.takes_inbound} onChange={(takes_inbound) => model.edit({ takes_inbound })} disabled={fixed}>
        {t("settings.inbound")}
      </CheckChoice>
      <CheckChoice selected={form.ring_cuts} onChange={(ring_cuts) => model.edit({ ring_cuts })} disabled={fixed}>
        {t("settings.cuts")}
      </CheckChoice>
      <p className="field__hint">{t("settings.cuts.hint")}</p>
      <CheckChoice selected={form.requires_practice} onChange={(requires_practice) => model.edit({ requires_practice })} disabled={fixed}>
        {t("settings.practice")}
      </CheckChoice>
      <p className="field__hint">{t("settings.practice.hint")}</p>
      <CheckChoice selected={form.recording} onChange={(recording) => model.edit({ recording })} disabled={fixed}>
        {t("settings.recording")}
      </CheckChoice>
      <p className="field__hint">{t("settings.recording.hint")}</p>
    </Panel>
  );
}

export function Hours({ model, form, settings, faults, fixed }: PartProps): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("settings.hours")}>
      <p className="muted">{t("settings.hours.hint")}</p>
      <div className="columns columns--wide">
        {DAYS.map((name) => {
          const usual = showHours(settings.usual.week[name] ?? []);
          return (
            <TextInput
              key={name}
              label={t(`settings.day.${name}`)}
              hint={t("settings.usual", { value: usual === "" ? t("settings.closed") : usual })}
              value={form.week[name] ?? ""}
              onChange={(hours) => model.editDay(name, hours)}
              placeholder={t("settings.closed")}
              maxLength={60}
              disabled={fixed}
              {...shown(words(t, faults[`calendar.week.${name}`]))}
            />
          );
        })}
      </div>
    </Panel>
  );
}

export function Exceptions({ model, form, faults, fixed }: PartProps): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("settings.exceptions")}>
      <p className="muted">{t("settings.exceptions.hint")}</p>
      {form.exceptions.length === 0 && <p className="muted">{t("settings.exceptions.none")}</p>}
      {form.exceptions.map(({ key, date, hours }, number) => (
        <div key={key} className="row row--fields" role="group" aria-label={`${t("settings.exceptions")} ${number + 1}`}>
          <DateInput label={t("settings.exceptions.date")} value={date} onChange={(typed) => model.editDate(key, { date: typed })} disabled={fixed} {...shown(words(t, faults[`date.${key}`]))} />
          <TextInput
            label={t("settings.exceptions.hours")}
            value={hours}
            onChange={(typed) => model.editDate(key, { hours: typed })}
            placeholder={t("settings.closed")}
            maxLength={60}
            disabled={fixed}
            {...shown(words(t, faults[`hours.${key}`]))}
          />
          {!fixed && (
            <Button look="quiet" icon="cross" aria-label={t("settings.exceptions.remove", { number: number + 1 })} onPress={() => model.removeDate(key)}>
              {""}
            </Button>
          )}
        </div>
      ))}
      {!fixed && (
        <div>
          <Button onPress={model.addDate}>{t("settings.exceptions.add")}</Button>
        </div>
      )}
    </Panel>
  );
}

export function Holidays({ model, form, settings, fixed }: PartProps): ReactElement {
  const { code, locale, t } = useWords();
  return (
    <Panel title={t("settings.holidays")}>
      <CheckboxGroup className="choices" value={[...form.closed]} onChange={(closed) => model.edit({ closed })} isDisabled={fixed}>
        <Label className="visually-hidden">{t("settings.holidays")}</Label>
        <div className="row">
          {settings.holidays.map(({ code: holiday, on }) => (
            <CheckChoice key={holiday} value={holiday}>
              {code("holiday", holiday)}
              {on !== null && <span className="muted"> {day(on, locale)}</span>}
            </CheckChoice>
          ))}
        </div>
      </CheckboxGroup>
      <CheckChoice selected={form.early_closings} onChange={(early_closings) => model.edit({ early_closings })} disabled={fixed}>
        {t("settings.early")}
      </CheckChoice>
    </Panel>
  );
}

export function Dialling(part: PartProps): ReactElement {
  const { t, code } = useWords();
  const { model, form, settings, fixed } = part;
  return (
    <Panel title={t("settings.dialling")}>
      <SelectInput
        label={t("settings.mode")}
        hint={t("settings.mode.hint")}
        value={form.mode}
        onChange={(mode) => model.edit({ mode })}
        options={settings.modes.map((id) => ({ id, label: code("settings.mode", id) }))}
        disabled={fixed}
      />
      <Numbers {...part} which={(key) => DIALLING.includes(key)} />
    </Panel>
  );
}

export function Reach(part: PartProps): ReactElement {
  const { t } = useWords();
  const { model, form, faults, fixed } = part;
  return (
    <Panel title={t("settings.reach")}>
      <CheckChoice selected={form.fair} onChange={(fair) => model.edit({ fair })} disabled={fixed}>
        {t("settings.fair")}
      </CheckChoice>
      <p className="field__hint">{t("settings.fair.hint")}</p>
      <Numbers {...part} which={(key) => !DIALLING.includes(key) && !AFTERWARDS.includes(key)} />
      {(holdsOut(form) || form.hold_out_agreement !== "") && (
        <TextInput
          label={t("settings.agreement")}
          hint={t("settings.agreement.hint")}
          value={form.hold_out_agreement}
          onChange={(hold_out_agreement) => model.edit({ hold_out_agreement })}
          maxLength={80}
          disabled={fixed}
          {...shown(words(t, faults["settings.hold_out_agreement"]))}
        />
      )}
    </Panel>
  );
}

function Afterwards(part: PartProps): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("settings.afterwards")}>
      <Numbers {...part} which={(key) => AFTERWARDS.includes(key)} />
    </Panel>
  );
}

function Numbers({ model, form, settings, faults, fixed, which }: PartProps & { readonly which: (key: string) => boolean }): ReactElement {
  const { t, code, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <>
      {settings.numbers
        .filter(({ key }) => which(key))
        .map(({ key, text, unit, usual, low, high }) => {
          const standard = usual === null ? t("settings.usual.none") : t("settings.usual", { value: `${number.format(usual)} ${t(`settings.unit.${unit}`)}` });
          const about = code("settings.about", key);
          return (
            <TextInput
              key={key}
              label={`${text.charAt(0).toUpperCase()}${text.slice(1)}${NAMED.has(unit) ? "" : ` (${t(`settings.unit.${unit}`)})`}`}
              hint={`${standard}. ${about === key ? t("settings.range", { low, high }) : about}`}
              value={form.numbers[key] ?? ""}
              onChange={(typed) => model.editNumber(key, typed)}
              placeholder={usual === null ? "" : number.format(usual)}
              maxLength={8}
              disabled={fixed}
              {...shown(words(t, faults[`settings.${key}`]))}
            />
          );
        })}
    </>
  );
}

function Keep({ model }: { readonly model: CampaignSettingsModel }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const { changed, tried, saved } = useStore(model.editing);
  const wrong = Object.keys(model.faults()).length > 0;
  return (
    <Panel label={t("settings.tried")} tone={changed ? "accent" : "plain"}>
      <ErrorNotice error={error} />
      {wrong && (
        <Notice tone="bad" live="assertive">
          {t("settings.error.some")}
        </Notice>
      )}
      {tried !== null && <DryRun tried={tried} />}
      <div className="row">
        <Button type="submit" look={tried === null ? "primary" : "secondary"} isDisabled={busy || !changed}>
          {t("settings.try")}
        </Button>
        <Button look={tried === null ? "secondary" : "primary"} isDisabled={busy || !changed || tried === null} onPress={() => void model.save()}>
          {t("app.save")}
        </Button>
        <span className="muted" role="status">
          {saved ? t("settings.saved") : changed ? "" : t("settings.unchanged")}
        </span>
      </div>
    </Panel>
  );
}
