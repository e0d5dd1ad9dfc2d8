import { type KeyboardEvent, type ReactElement, useEffect, useState } from "react";
import { FieldError, FileTrigger, Input, TextField } from "react-aria-components";
import type { Roster } from "../../api/types";
import { day as dayWord } from "../../domain/dates";
import { addDays, hoursOf, weekDays, weekNumber } from "../../domain/roster";
import { RosterModel } from "../../state/roster";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** A week's grid: a row for each agent, a cell for each day, typed in as on paper. */
export function RosterPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new RosterModel(client, t("roster.away")));
  const { data, error } = useStore(model.week);
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <PageHead title={t("roster.title")} back={{ to: "/team", text: t("nav.team") }} />
      <div className="stack stack--wide">
        <Week model={model} />
        <ErrorNotice error={error} onRetry={() => void model.load()} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data?.agents.length === 0 && <Empty>{t("skills.team.none")}</Empty>}
        {data !== null && data.agents.length > 0 && <Grid model={model} roster={data} />}
        <div className="page-grid page-grid--even">
          <Copy model={model} />
          <File model={model} />
        </div>
      </div>
    </>
  );
}

function Week({ model }: { readonly model: RosterModel }): ReactElement {
  const { t, locale } = useWords();
  const { monday } = useStore(model.editing);
  const { data } = useStore(model.week);
  const held = model.changes().length > 0;
  return (
    <div className="row row--between">
      <h2 aria-live="polite">{t("roster.week", { number: weekNumber(monday), from: dayWord(monday, locale), until: dayWord(addDays(monday, 6), locale) })}</h2>
      <span className="row">
        <Button isDisabled={held} onPress={() => void model.show(addDays(monday, -7))}>
          {t("roster.before")}
        </Button>
        <Button isDisabled={held || data === null} onPress={() => void model.show(data?.today ?? monday)}>
          {t("roster.now")}
        </Button>
        <Button isDisabled={held} onPress={() => void model.show(addDays(monday, 7))}>
          {t("roster.after")}
        </Button>
      </span>
    </div>
  );
}

function Grid({ model, roster }: { readonly model: RosterModel; readonly roster: Roster }): ReactElement {
  const { t, locale } = useWords();
  const { monday } = useStore(model.editing);
  const { busy, error } = useStore(model.acting);
  const { kept } = useStore(model.editing);
  const days = weekDays(monday);
  const head = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
  const long = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const changes = model.changes().length;
  return (
    <Panel label={t("roster.title")}>
      <p className="muted">{t("roster.hint")}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.save();
        }}
      >
        <div className="table-box" role="group" aria-label={t("roster.title")}>
          <table className="table roster">
            <thead>
              <tr>
                <th scope="col" className="cell--start">
                  {t("floor.name")}
                </th>
                {days.map((day) => (
                  <th key={day} scope="col" className={`cell--start ${day === roster.today ? "roster__today" : ""}`}>
                    {head.format(new Date(day))}
                  </th>
                ))}
                <th scope="col" className="cell--end">
                  {t("roster.hours")}
                </th>
              </tr>
            </thead>
            <tbody>
              {roster.agents.map(({ user, name }, row) => (
                <tr key={user}>
                  <th scope="row" className="cell--start">
                    {name}
                  </th>
                  {days.map((day, column) => (
                    <td key={day}>
                      <Cell model={model} user={user} day={day} label={`${name}, ${long.format(new Date(day))}`} place={`${row} ${column}`} />
                    </td>
                  ))}
                  <td className="cell--end">{number.format(hoursOf(roster.days.filter((one) => one.user === user)))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <ErrorNotice error={error} />
        {model.wrong && (
          <Notice tone="bad" live="polite">
            {t("roster.wrong")}
          </Notice>
        )}
        <div className="row">
          <Button type="submit" look="primary" isDisabled={busy || changes === 0 || model.wrong}>
            {t("app.save")}
          </Button>
          <Button look="quiet" isDisabled={busy || changes === 0} onPress={model.undo}>
            {t("roster.undo")}
          </Button>
          <span className="muted" role="status">
            {changes > 0 ? t(changes === 1 ? "roster.changes.one" : "roster.changes", { count: changes }) : kept === null ? "" : t(kept === 1 ? "roster.kept.one" : "roster.kept", { count: kept })}
          </span>
        </div>
      </form>
    </Panel>
  );
}

/** Arrows up and down go to the same day of the next agent; left and right are the text's own. */
function moved(event: KeyboardEvent<HTMLInputElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const [row, column] = (event.currentTarget.dataset["place"] ?? "").split(" ").map(Number);
  const next = event.currentTarget.closest("table")?.querySelector<HTMLInputElement>(`input[data-place="${(row ?? 0) + step} ${column ?? 0}"]`);
  if (next === null || next === undefined) return;
  event.preventDefault();
  next.focus();
  next.select();
}

function Cell({ model, user, day, label, place }: { readonly model: RosterModel; readonly user: string; readonly day: string; readonly label: string; readonly place: string }): ReactElement {
  const { t } = useWords();
  useStore(model.editing);
  const away = model.day(user, day)?.away === true;
  const fault = model.fault(user, day);
  return (
    <TextField className="field" aria-label={label} value={model.text(user, day)} onChange={(text) => model.type(user, day, text)} isInvalid={fault !== null} maxLength={60} validationBehavior="aria">
      <Input className={`input roster__cell ${away ? "roster__cell--away" : ""}`} data-place={place} onKeyDown={moved} autoComplete="off" spellCheck={false} />
      <FieldError className="visually-hidden">{t("roster.wrong")}</FieldError>
    </TextField>
  );
}

function Copy({ model }: { readonly model: RosterModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [weeks, setWeeks] = useState("1");
  useStore(model.editing);
  const count = /^\d{1,2}$/.test(weeks.trim()) ? Number(weeks) : 0;
  const good = count >= 1 && count <= 12;
  return (
    <Panel title={t("roster.copy")}>
      <p className="muted">{t("roster.copy.hint")}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (good) void model.copy(count);
        }}
      >
        <TextInput label={t("roster.copy.weeks")} value={weeks} onChange={setWeeks} maxLength={2} size="short" error={good ? undefined : t("roster.copy.wrong")} />
        <div>
          <Button type="submit" isDisabled={busy || !good || model.changes().length > 0}>
            {t("roster.copy.do")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function File({ model }: { readonly model: RosterModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const tried = useStore(model.file);
  const { monday } = useStore(model.editing);
  return (
    <Panel title={t("roster.file")}>
      <p className="muted">{t("roster.file.hint")}</p>
      <div className="row">
        <FileTrigger acceptedFileTypes={[".csv", ".txt"]} onSelect={(files) => void (files?.[0] === undefined ? undefined : model.tryFile(files[0]))}>
          <Button icon="file" isDisabled={busy}>
            {t("roster.file.choose")}
          </Button>
        </FileTrigger>
        <Button look="quiet" onPress={() => void model.download().then((blob) => saveFile(blob, `rooster-${monday}.csv`))}>
          {t("roster.file.download")}
        </Button>
      </div>
      {tried !== null && <Tried model={model} name={tried.name} found={tried.found} />}
    </Panel>
  );
}

function Tried({ model, name, found }: { readonly model: RosterModel; readonly name: string; readonly found: NonNullable<ReturnType<RosterModel["file"]["get"]>>["found"] }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  return (
    <div className="stack" role="status">
      <p>
        <strong>{name}</strong>: {found.faults.length > 0 ? t("roster.file.faults") : t("roster.file.days", { count: found.days, read: found.read })}
      </p>
      {found.faults.length > 0 && (
        <ul className="lines">
          {found.faults.slice(0, 20).map(({ row, column, code }) => (
            <li key={`${row} ${column}`} className="check check--bad">
              {t("roster.file.fault", { row, column: t(`roster.column.${column}`), fault: t(`roster.fault.${code}`) })}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <Button look="primary" isDisabled={busy || found.faults.length > 0 || found.days === 0} onPress={() => void model.keepFile()}>
          {t("roster.file.keep")}
        </Button>
        <Button look="quiet" onPress={model.forgetFile}>
          {t("app.cancel")}
        </Button>
      </div>
    </div>
  );
}
