import { type ReactElement, useEffect, useState } from "react";
import type { Preview, SkipReason } from "../../api/types";
import type { PreviewModel } from "../../state/preview";
import { useWords } from "../../ui/app-context";
import { SelectInput } from "../../ui/fields";
import { Button, ErrorNotice, Fact, Facts, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

const REASONS: readonly SkipReason[] = ["acquainted", "language", "spoken", "other"];

/** Whom the agent may have called now: name, number and attempt, and nothing of the signal. */
export function PreviewPanel({ model, shown }: { readonly model: PreviewModel; readonly shown: Preview }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  useKeys((key) => {
    if (busy) return false;
    if (key === "b" && shown.showing === "resident") void model.call();
    else if (key === "n" && shown.showing === "time_over") void model.next();
    else return false;
    return true;
  });
  return (
    <Panel tone="accent" title={t("preview.title")}>
      <div aria-live="polite">
        {shown.showing === "resident" && <Resident shown={shown} />}
        {shown.showing === "nobody" && <p>{t("preview.nobody")}</p>}
        {shown.showing === "time_over" && <Notice tone="info">{t("preview.timeOver")}</Notice>}
      </div>
      <ErrorNotice error={error} />
      {shown.showing === "time_over" && (
        <Button look="primary" size="large" hotkey="N" isDisabled={busy} onPress={() => void model.next()}>
          {t("preview.next")}
        </Button>
      )}
      {shown.showing === "resident" && (
        <>
          <Button look="primary" size="large" icon="phone" hotkey="B" isDisabled={busy} onPress={() => void model.call()}>
            {t("preview.call")}
          </Button>
          <Skip model={model} left={shown.skips_left} busy={busy} key={shown.case} />
        </>
      )}
    </Panel>
  );
}

function Resident({ shown }: { readonly shown: Preview }): ReactElement {
  const { t } = useWords();
  return (
    <div className="call-card">
      <p className="call-card__name">{shown.name === "" ? t("card.unknown") : shown.name}</p>
      <Facts>
        <Fact name={t("card.number")}>{shown.number}</Fact>
        <Fact name={t("card.attempt")}>{t("card.attempt.value", { n: shown.attempt_number })}</Fact>
        {shown.seconds_left !== null && (
          <Fact name={t("preview.left")}>
            <Countdown seconds={shown.seconds_left} key={`${shown.case ?? ""} ${shown.seconds_left}`} />
          </Fact>
        )}
      </Facts>
    </div>
  );
}

/** Counts down between two answers of the service, which has the last word. */
function Countdown({ seconds }: { readonly seconds: number }): ReactElement {
  const { t } = useWords();
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const end = performance.now() + seconds * 1000;
    const timer = setInterval(() => setLeft(Math.max(0, (end - performance.now()) / 1000)), 500);
    return () => clearInterval(timer);
  }, [seconds]);
  return <span aria-live="off">{t("preview.left.value", { n: Math.ceil(left) })}</span>;
}

function Skip({ model, left, busy }: { readonly model: PreviewModel; readonly left: number; readonly busy: boolean }): ReactElement {
  const { t } = useWords();
  const [reason, setReason] = useState<SkipReason | "">("");
  if (left === 0) return <p className="muted">{t("preview.skip.none")}</p>;
  const options = REASONS.map((id) => ({ id, label: t(`preview.skip.${id}`) }));
  return (
    <details>
      <summary>{t("preview.skip")}</summary>
      <div className="stack">
        <p className="field__hint">{t("preview.skip.hint", { n: left })}</p>
        <SelectInput
          label={t("preview.skip.reason")}
          placeholder={t("preview.skip.choose")}
          value={reason}
          options={options}
          onChange={(id) => setReason(REASONS.find((one) => one === id) ?? "")}
        />
        <div className="row">
          <Button isDisabled={busy || reason === ""} onPress={() => reason !== "" && void model.skip(reason)}>
            {t("preview.skip.do")}
          </Button>
        </div>
      </div>
    </details>
  );
}
