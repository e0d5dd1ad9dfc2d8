import { type ReactElement, type ReactNode, useEffect } from "react";
import { CampaignSettingsModel } from "../../state/campaign-settings";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Button, Empty, ErrorNotice, Notice } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { Asked } from "./asked-panel";
import { CampaignAgentsPanel } from "./campaign-agents";
import { Dialling, Exceptions, Holidays, Hours, type PartProps, Reach } from "./campaign-settings-page";

interface StepProps {
  readonly id: string;
  readonly back: ReactNode;
  readonly onSaved: () => void;
}

/** When we call. */
export function WindowsStep(props: StepProps): ReactElement {
  return (
    <SettingsStep {...props}>
      {(part) => (
        <div className="page-grid page-grid--even">
          <Hours {...part} />
          <div className="stack stack--wide">
            <Exceptions {...part} />
            <Holidays {...part} />
          </div>
        </div>
      )}
    </SettingsStep>
  );
}

/** How we call, what was promised, and who does it. */
export function ModeStep({ onChanged, ...props }: StepProps & { readonly onChanged: () => void }): ReactElement {
  return (
    <>
      <CampaignAgentsPanel id={props.id} onSaved={onChanged} />
      <SettingsStep {...props}>
        {(part) => (
          <div className="page-grid page-grid--even">
            <div className="stack stack--wide">
              <Asked {...part} />
              <Reach {...part} />
            </div>
            <Dialling {...part} />
          </div>
        )}
      </SettingsStep>
    </>
  );
}

function SettingsStep({ id, back, onSaved, children }: StepProps & { readonly children: (part: PartProps) => ReactNode }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new CampaignSettingsModel(client, id, locale === "nl-NL"));
  const { data, error } = useStore(model.loaded);
  const { form, changed } = useStore(model.editing);
  const acting = useStore(model.acting);
  const mayWrite = useMay("campaign.write");
  useEffect(() => void model.load(), [model]);
  if (data === null || form === null) return error === null ? <Empty>{t("app.loading")}</Empty> : <ErrorNotice error={error} onRetry={() => void model.load()} />;
  const faults = model.faults();
  return (
    <form
      className="stack stack--wide"
      onSubmit={(event) => {
        event.preventDefault();
        if (!changed) onSaved();
        else void model.save().then((done) => done && onSaved());
      }}
    >
      {children({ model, form, settings: data.settings, faults, fixed: !mayWrite })}
      <ErrorNotice error={acting.error} />
      {Object.keys(faults).length > 0 && (
        <Notice tone="bad" live="assertive">
          {t("settings.error.some")}
        </Notice>
      )}
      <div className="row row--between">
        <span>{back}</span>
        <Button type="submit" look="primary" isDisabled={acting.busy}>
          {t(changed ? "wizard.saveNext" : "wizard.next")}
        </Button>
      </div>
    </form>
  );
}
