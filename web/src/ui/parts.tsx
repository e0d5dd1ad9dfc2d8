/** The small parts that every screen is made of. */

import type { ReactElement, ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps, Link as AriaLink } from "react-aria-components";
import type { ApiError } from "../api/errors";
import { duration } from "../domain/dates";
import { useWords } from "./app-context";
import { Icon, type IconName } from "./icon";
import { router } from "./router";
import { useNow } from "./use-now";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad" | "info";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  readonly look?: "primary" | "secondary" | "quiet" | "danger";
  readonly size?: "small" | "normal" | "large";
  readonly icon?: IconName;
  /** The shortcut key, shown on the button. */
  readonly hotkey?: string;
  readonly children: ReactNode;
}

export function Button({ look = "secondary", size = "normal", icon, hotkey, children, ...props }: ButtonProps): ReactElement {
  return (
    <AriaButton {...props} ref={shortcut(hotkey)} className={`button button--${look} button--${size}`}>
      {icon !== undefined && <Icon name={icon} />}
      <span className="button__text">{children}</span>
      {hotkey !== undefined && <Key>{hotkey}</Key>}
    </AriaButton>
  );
}

/** Tells assistive technology which key does the same. Set by hand: the component library lets only its own attributes through. */
export function shortcut(hotkey: string | undefined): (node: HTMLElement | null) => void {
  return (node) => {
    if (hotkey === undefined) node?.removeAttribute("aria-keyshortcuts");
    else node?.setAttribute("aria-keyshortcuts", hotkey);
  };
}

/** A key of the keyboard, as a mark for the eye: the control itself tells assistive technology. */
export function Key({ children }: { readonly children: string }): ReactElement {
  return (
    <kbd className="key" aria-hidden="true">
      {children}
    </kbd>
  );
}

export function Badge({ tone = "plain", children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactElement {
  return <span className={`badge badge--${tone}`}>{children}</span>;
}

interface NoticeProps {
  readonly tone?: Tone;
  /** `assertive`: interrupts a screen reader; for what needs a hand now. */
  readonly live?: "off" | "polite" | "assertive";
  readonly children: ReactNode;
}

export function Notice({ tone = "info", live = "off", children }: NoticeProps): ReactElement {
  const role = live === "assertive" ? "alert" : live === "polite" ? "status" : undefined;
  return (
    <div className={`notice notice--${tone}`} role={role}>
      <Icon name={tone === "good" ? "check" : "warning"} />
      <div>{children}</div>
    </div>
  );
}

export function ErrorNotice({ error, onRetry }: { readonly error: ApiError | null; readonly onRetry?: () => void }): ReactElement | null {
  const { t, error: words } = useWords();
  if (error === null) return null;
  return (
    <Notice tone="bad" live="assertive">
      <span>{words(error)}</span>
      {onRetry !== undefined && (
        <Button look="quiet" size="small" onPress={onRetry}>
          {t("app.retry")}
        </Button>
      )}
    </Notice>
  );
}

interface PanelProps {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly tone?: "plain" | "accent";
  readonly label?: string;
  readonly children: ReactNode;
}

export function Panel({ title, aside, tone = "plain", label, children }: PanelProps): ReactElement {
  return (
    <section className={`panel panel--${tone}`} aria-label={label ?? (typeof title === "string" ? title : undefined)}>
      {(title !== undefined || aside !== undefined) && (
        <header className="panel__head">
          {title !== undefined && <h2>{title}</h2>}
          {aside !== undefined && <div className="panel__aside">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function PageHead({ title, back, children }: { readonly title: string; readonly back?: { to: string; text: string }; readonly children?: ReactNode }): ReactElement {
  return (
    <header className="page-head">
      <div>
        {back !== undefined && (
          <Link to={back.to}>
            <Icon name="back" /> {back.text}
          </Link>
        )}
        <h1>{title}</h1>
      </div>
      <div className="page-head__aside">{children}</div>
    </header>
  );
}

/** A link within the panel. */
export function Link({ to, current = false, children }: { readonly to: string; readonly current?: boolean; readonly children: ReactNode }): ReactElement {
  return (
    <AriaLink className="link" href={to} {...(current ? { "aria-current": "page" as const } : {})} onPress={() => router.go(to)}>
      {children}
    </AriaLink>
  );
}

export function Empty({ children }: { readonly children: ReactNode }): ReactElement {
  return <p className="empty">{children}</p>;
}

/** Time since `since` (unix seconds by the service's clock), counting; a screen reader is not told of every second. */
export function Elapsed({ since }: { readonly since: number }): ReactElement {
  const now = useNow();
  return <span className="elapsed" role="timer" aria-live="off">{duration(now - since)}</span>;
}

export function Facts({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
