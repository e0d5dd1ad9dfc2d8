import type { ReactElement } from "react";
import type { Why } from "../../api/types";
import { dateTime } from "../../domain/dates";
import type { QueryState } from "../../state/query";
import { useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";

/** The first rule that holds calls back, in words. */
export function WhyPanel({ title, why, onReload }: { readonly title: string; readonly why: QueryState<Why>; readonly onReload: () => void }): ReactElement {
  const { t, locale } = useWords();
  const { data, loading, error } = why;
  return (
    <Panel
      title={title}
      aside={
        <Button look="quiet" size="small" isDisabled={loading} onPress={onReload}>
          {t("app.refresh")}
        </Button>
      }
    >
      <ErrorNotice error={error} />
      {data !== null && (
        <Notice tone={data.code === "" ? "good" : "warn"} live="polite">
          {data.text === "" ? t("campaign.why.nothing") : data.text}
          {data.until !== null && <span className="muted"> ({t("campaign.until", { at: dateTime(data.until, locale) })})</span>}
        </Notice>
      )}
    </Panel>
  );
}
