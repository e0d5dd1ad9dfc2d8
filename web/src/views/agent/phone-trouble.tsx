import type { ReactElement } from "react";
import type { PhoneStatus, Softphone } from "../../phone/softphone";
import { useWords } from "../../ui/app-context";
import { Button, Notice, type Tone } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

const TONES: Readonly<Record<PhoneStatus, Tone>> = {
  off: "plain",
  asking: "info",
  denied: "bad",
  no_microphone: "bad",
  busy_microphone: "bad",
  unsupported: "bad",
  other_tab: "warn",
  other_page: "warn",
  connecting: "info",
  ready: "good",
  reconnecting: "warn",
  failed: "bad",
};

/** Where the phone in this page stands, and the one thing to do about it. */
export function PhoneTrouble({ phone }: { readonly phone: Softphone }): ReactElement {
  const { t } = useWords();
  const { status } = useStore(phone);
  const words = t(`softphone.${status}`);
  return (
    <>
      {status === "off" ? (
        <p className="muted">{words}</p>
      ) : (
        <Notice tone={TONES[status]} live={TONES[status] === "bad" ? "assertive" : "polite"}>
          {words}
        </Notice>
      )}
      {status === "off" && (
        <Button look="primary" icon="phone" onPress={() => void phone.start(true)}>
          {t("softphone.start")}
        </Button>
      )}
      {TONES[status] === "bad" && <Button onPress={() => void phone.start(true)}>{t("app.retry")}</Button>}
      {(status === "other_tab" || status === "other_page") && <Button onPress={() => void phone.takeOver()}>{t("softphone.takeOver")}</Button>}
    </>
  );
}
