import { type ReactElement, useEffect, useState } from "react";
import type { Booking, BookingState } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { BookingsModel } from "../../state/bookings";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DataTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Link, PageHead, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SlotsPanel } from "./slots-panel";

const STATES: Readonly<Record<BookingState, Tone>> = { booked: "accent", moved: "plain", cancelled: "plain", kept: "good", no_show: "bad" };

/** Residents' appointments with a client, and the times that it offers. */
export function BookingsPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new BookingsModel(client));
  const { data: clients, error } = useStore(model.clients);
  const chosen = useStore(model.chosen);
  useEffect(() => void model.load(), [model]);
  const options = (clients ?? []).map(({ id, name }) => ({ id, label: name }));
  return (
    <>
      <PageHead title={t("bookings.title")}>
        {options.length > 1 && <SelectInput label={t("bookings.client")} value={chosen} onChange={(id) => void model.choose(id)} options={options} placeholder={t("bookings.client.choose")} />}
      </PageHead>
      <ErrorNotice error={error} onRetry={() => void model.load()} />
      {chosen === "" ? (
        <Empty>{t(clients === null ? "app.loading" : "bookings.client.choose")}</Empty>
      ) : (
        <div className="stack">
          <BookingsPanel model={model} />
          <SlotsPanel key={chosen} model={model} />
        </div>
      )}
    </>
  );
}

function BookingsPanel({ model }: { readonly model: BookingsModel }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.list);
  const acting = useStore(model.acting);
  const mayWrite = useMay("booking.write");
  return (
    <Panel title={t("bookings.list")}>
      <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
      <ErrorNotice error={acting.error} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <Empty>{t("bookings.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable
          label={t("bookings.list")}
          rows={data}
          id={({ id }) => id}
          columns={[
            {
              head: t("bookings.when"),
              cell: ({ starts_at: at, place, meeting }) => (
                <>
                  <strong>{dateTime(at, locale)}</strong>
                  <div className="muted">{meeting === "office" ? place : t(`slots.meeting.${meeting}`)}</div>
                </>
              ),
            },
            { head: t("bookings.ref"), cell: ({ client_refs: refs, case: id }) => <Link to={`/cases/${id}`}>{refs.join(", ") || t("app.none")}</Link> },
            {
              head: t("bookings.state"),
              cell: ({ state, withdrawn, reason, notice }) => (
                <div className="stack stack--tight">
                  <div>
                    <Badge tone={STATES[state]}>{t(`bookings.state.${state}`)}</Badge>
                  </div>
                  {notice !== "" && <span className={notice === "failed" ? "field__error" : "muted"}>{t(`bookings.notice.${notice}`)}</span>}
                  {withdrawn && <span className="field__error">{t("bookings.withdrawn")}</span>}
                  {reason !== "" && <span className="muted">{reason}</span>}
                </div>
              ),
            },
            { head: t("floor.action"), cell: (booking) => mayWrite && <Actions model={model} booking={booking} /> },
          ]}
        />
      )}
    </Panel>
  );
}

/** What can be done now: before it begins move or cancel, afterwards say who came. */
function Actions({ model, booking }: { readonly model: BookingsModel; readonly booking: Booking }): ReactElement | null {
  const { client } = useApp();
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const { id, state } = booking;
  const begun = new Date(booking.starts_at).getTime() <= client.now() * 1000;
  if (state === "kept" || state === "no_show") {
    return (
      <Button size="small" look="quiet" isDisabled={busy} onPress={() => void model.report(id, "booked")}>
        {t("bookings.reopen")}
      </Button>
    );
  }
  if (state !== "booked") return null;
  return (
    <div className="row row--tight">
      {begun && (
        <>
          <Button size="small" isDisabled={busy} onPress={() => void model.report(id, "kept")}>
            {t("bookings.kept")}
          </Button>
          <Button size="small" isDisabled={busy} onPress={() => void model.report(id, "no_show")}>
            {t("bookings.noShow")}
          </Button>
        </>
      )}
      {booking.notice === "failed" && (
        <Button size="small" isDisabled={busy} onPress={() => void model.resend(id)}>
          {t("bookings.notice.again")}
        </Button>
      )}
      <Move model={model} booking={booking} />
      <Ask
        trigger={
          <Button size="small" look="quiet">
            {t("bookings.cancel")}
          </Button>
        }
        title={t("bookings.cancel.title")}
        text={t("bookings.cancel.text")}
        confirm={t("bookings.cancel")}
        action={model.acting}
        field={{ label: t("bookings.reason"), hint: t("bookings.reason.hint"), min: 3 }}
        onConfirm={(reason) => model.cancel(id, reason)}
      />
    </div>
  );
}

function Move({ model, booking }: { readonly model: BookingsModel; readonly booking: Booking }): ReactElement {
  const { t, locale } = useWords();
  const { data } = useStore(model.free);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (asked && data === null) void model.free.reload();
  }, [asked, data, model]);
  const options = (data ?? []).map(({ id, starts_at: at, place }) => ({ id, label: `${dateTime(at, locale)}, ${place}` }));
  return (
    <Ask
      trigger={
        <Button size="small" look="quiet" onPress={() => setAsked(true)}>
          {t("bookings.move")}
        </Button>
      }
      title={t("bookings.move.title")}
      text={t(data?.length === 0 ? "bookings.move.none" : "bookings.move.text")}
      confirm={t("bookings.move")}
      look="primary"
      action={model.acting}
      choice={{ label: t("bookings.move.to"), options }}
      onConfirm={(_, slot) => model.move(booking.id, slot)}
    />
  );
}
