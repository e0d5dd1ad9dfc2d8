import { type ReactElement, useEffect, useState } from "react";
import { dateTime } from "../../domain/dates";
import { looksLikeBsn } from "../../domain/text";
import { CaseComplaintsModel } from "../../state/complaints";
import { useApp, useWords } from "../../ui/app-context";
import { LongTextInput } from "../../ui/fields";
import { Button, ErrorNotice, Link, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** On a resident's page: complaints, and a new one written down. */
export function CaseComplaints({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new CaseComplaintsModel(client, id));
  const { data, error } = useStore(model.list);
  const acting = useStore(model.acting);
  const [text, setText] = useState("");
  const bsn = looksLikeBsn(text);
  useEffect(() => void model.list.reload(), [model]);
  return (
    <Panel title={t("complaints.title")}>
      <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
      {data !== null && data.length > 0 && (
        <ul className="lines">
          {data.map((line) => (
            <li key={line.id} className="line">
              <Link to={`/quality/${line.id}/complaint`}>{dateTime(line.received_at, locale)}</Link>
              <span className="muted">{t(`complaints.state.${line.state}`)}</span>
            </li>
          ))}
        </ul>
      )}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "" && !bsn) void model.write(text).then((kept) => kept && setText(""));
        }}
      >
        <LongTextInput
          label={t("complaints.write")}
          hint={t("complaints.write.hint")}
          value={text}
          onChange={(value) => {
            setText(value);
            model.retyped();
          }}
          error={bsn ? t("wrap.note.bsn") : undefined}
          rows={3}
        />
        <ErrorNotice error={acting.error} />
        <div className="row row--end">
          <Button type="submit" isDisabled={acting.busy || text.trim() === "" || bsn}>
            {t("complaints.write.do")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
