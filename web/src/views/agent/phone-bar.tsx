import type { ReactElement } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import type { Agent } from "../../api/types";
import { isOn, type Softphone } from "../../phone/softphone";
import { useApp, useWords } from "../../ui/app-context";
import { Button, Notice } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";
import { PhoneCheck, PhoneQuality } from "./phone-sound";
import { PhoneTrouble } from "./phone-trouble";

/** The phone's hands in a conversation, and what is wrong with it at any time. */
export function PhoneBar({ agent }: { readonly agent: Agent }): ReactElement | null {
  const { phone } = useApp();
  const { t } = useWords();
  const { status, muted, held, leg, quality } = useStore(phone);
  const withColleague = agent.colleague_call?.state === "talking";
  const talking = agent.state === "talking" || withColleague;
  useKeys((key) => {
    if (key !== "m" || !talking || !leg) return false;
    phone.mute(!muted);
    return true;
  });
  if (!talking || status === "off") return null;
  return (
    <section className="phone-bar" aria-label={t("softphone.controls")}>
      {!isOn(status) || status === "reconnecting" ? <PhoneTrouble phone={phone} /> : null}
      {leg && (
        <div className="row">
          <Button look={muted ? "danger" : "secondary"} icon={muted ? "micOff" : "mic"} hotkey="M" onPress={() => phone.mute(!muted)}>
            {t(muted ? "softphone.unmute" : "softphone.mute")}
          </Button>
          {!withColleague && (
            <>
              <Button look={held ? "primary" : "secondary"} icon="pause" isDisabled={status !== "ready"} onPress={() => void phone.hold(!held)}>
                {t(held ? "softphone.unhold" : "softphone.hold")}
              </Button>
              <Keypad phone={phone} />
            </>
          )}
          <SoundMenu phone={phone} />
          <PhoneQuality phone={phone} />
        </div>
      )}
      {muted && <Notice tone="warn" live="polite">{t("softphone.muted")}</Notice>}
      {held && <Notice tone="info" live="polite">{t("softphone.held")}</Notice>}
      {quality?.hears === false && <Notice tone="bad" live="assertive">{t("softphone.deaf")}</Notice>}
    </section>
  );
}

const TONES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

function Keypad({ phone }: { readonly phone: Softphone }): ReactElement {
  const { t } = useWords();
  return (
    <DialogTrigger>
      <Button icon="keypad">{t("softphone.keypad")}</Button>
      <Popover className="popover" placement="bottom start">
        <Dialog className="keypad" aria-label={t("softphone.keypad")}>
          {TONES.map((tone) => (
            <Button key={tone} onPress={() => phone.press(tone)}>
              {tone}
            </Button>
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function SoundMenu({ phone }: { readonly phone: Softphone }): ReactElement {
  const { t } = useWords();
  return (
    <DialogTrigger>
      <Button>{t("softphone.settings")}</Button>
      <Popover className="popover popover--menu" placement="bottom end">
        <Dialog className="menu" aria-label={t("softphone.settings")}>
          <PhoneCheck phone={phone} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
