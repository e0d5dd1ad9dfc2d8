import { type ReactElement, useId } from "react";
import type { Device } from "../../phone/ports";
import type { Softphone } from "../../phone/softphone";
import { useWords } from "../../ui/app-context";
import { SelectInput } from "../../ui/fields";
import { Badge, Button } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** Microphone and headset: what is heard, which they are, how loud. For before duty, and in mid-call. */
export function PhoneCheck({ phone }: { readonly phone: Softphone }): ReactElement {
  const { t } = useWords();
  const { heard, microphones, speakers, microphone, speaker } = useStore(phone);
  const options = (devices: readonly Device[]): readonly Device[] => [{ id: "", label: t("softphone.usual") }, ...devices.filter(({ id }) => id !== "default")];
  return (
    <div className="stack">
      <Level phone={phone} />
      <p className="field__hint">{t(heard ? "softphone.heard" : "softphone.check")}</p>
      {microphones.length > 1 && (
        <SelectInput label={t("softphone.microphone")} placeholder={t("softphone.usual")} value={microphone} options={options(microphones)} onChange={(id) => void phone.setMicrophone(id)} />
      )}
      {speakers.length > 1 && (
        <SelectInput label={t("softphone.speaker")} placeholder={t("softphone.usual")} value={speaker} options={options(speakers)} onChange={(id) => void phone.setSpeaker(id)} />
      )}
      <Volume phone={phone} />
      <div className="row">
        <Button size="small" onPress={phone.chime}>
          {t("softphone.chime")}
        </Button>
      </div>
    </div>
  );
}

function Level({ phone }: { readonly phone: Softphone }): ReactElement {
  const { t } = useWords();
  const level = useStore(phone.level);
  return <meter className="level" aria-label={t("softphone.level")} min={0} max={1} value={level} />;
}

function Volume({ phone }: { readonly phone: Softphone }): ReactElement {
  const { t } = useWords();
  const { volume } = useStore(phone);
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {t("softphone.volume")}
      </label>
      <input id={id} className="range" type="range" min={0} max={1} step={0.05} value={volume} onChange={(event) => phone.setVolume(event.target.valueAsNumber)} />
    </div>
  );
}

const GRADES = { good: "good", fair: "warn", poor: "bad" } as const;

/** How good the way to the exchange is, with the figures for whoever helps. */
export function PhoneQuality({ phone }: { readonly phone: Softphone }): ReactElement | null {
  const { t } = useWords();
  const { quality } = useStore(phone);
  if (quality === null) return null;
  const detail = t("softphone.quality.detail", {
    loss: Math.round(quality.loss * 1000) / 10,
    jitter: Math.round(quality.jitterMs),
    trip: quality.roundTripMs === null ? t("app.none") : Math.round(quality.roundTripMs),
  });
  return (
    <span className="phone-quality" title={detail}>
      <Badge tone={GRADES[quality.grade]}>{t(`softphone.quality.${quality.grade}`)}</Badge>
      <span className="visually-hidden">{detail}</span>
    </span>
  );
}
