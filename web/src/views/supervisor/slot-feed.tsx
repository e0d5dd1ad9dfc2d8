import { type ReactElement, useState } from "react";
import type { SlotSource } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { type BookingsModel, isAddress } from "../../state/bookings";
import { useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Badge, Button } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

interface SlotFeedProps {
  readonly model: BookingsModel;
  readonly source: SlotSource;
  readonly mayWrite: boolean;
}

/** The client's own calendar: when it was read, what was wrong with it, and another address for it. */
export function SlotFeed({ model, source, mayWrite }: SlotFeedProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.offering);
  const [url, setUrl] = useState<string | null>(null);
  const { last_ok_at: ok, last_error: fault, next_look_at: next, minutes, on } = source;
  return (
    <>
      <div>{t(minutes === 0 ? "slots.feed" : "slots.feed.pieces", { minutes: String(minutes) })}</div>
      <div className="muted">{ok === null ? t("slots.feed.never") : t("slots.feed.read", { at: dateTime(ok, locale) })}</div>
      {fault !== "" && (
        <div className="stack stack--tight">
          <div>
            <Badge tone="bad">{t("slots.feed.fault")}</Badge>
          </div>
          <span className="field__error">{t(`slots.feed.fault.${fault}`)}</span>
          <span className="muted">
            {t("slots.feed.stays")}
            {on && next !== null && ` ${t("slots.feed.next", { at: dateTime(next, locale) })}`}
          </span>
        </div>
      )}
      {mayWrite && (
        <div className="row row--tight">
          <Button size="small" isDisabled={busy} onPress={() => void model.look(source)}>
            {t(busy ? "slots.feed.looking" : "slots.feed.look")}
          </Button>
          {url === null && (
            <Button size="small" look="quiet" isDisabled={busy} onPress={() => setUrl("")}>
              {t("slots.feed.change")}
            </Button>
          )}
        </div>
      )}
      {url !== null && (
        <form
          className="stack stack--tight"
          onSubmit={(event) => {
            event.preventDefault();
            if (isAddress(url)) void model.readdress(source, url).then((done) => done && setUrl(null));
          }}
        >
          <TextInput label={t("slots.feed.url")} hint={t("slots.feed.url.hint")} value={url} onChange={setUrl} maxLength={1000} focusFirst />
          <div className="row row--tight">
            <Button size="small" look="primary" type="submit" isDisabled={busy || !isAddress(url)}>
              {t("slots.feed.save")}
            </Button>
            <Button size="small" look="quiet" onPress={() => setUrl(null)}>
              {t("app.cancel")}
            </Button>
          </div>
        </form>
      )}
    </>
  );
}
