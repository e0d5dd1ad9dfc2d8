/** The handbooks, by reader and language. Loaded when somebody opens them. */

import type { Handbook, Reader } from "../domain/handbook";
import type { Language } from "../i18n";
import { ADMINISTRATOR_EN } from "./administrator.en";
import { ADMINISTRATOR_NL } from "./administrator.nl";
import { AGENT_EN } from "./agent.en";
import { AGENT_NL } from "./agent.nl";
import { CLIENT_EN } from "./client.en";
import { CLIENT_NL } from "./client.nl";
import { SUPERVISOR_EN } from "./supervisor.en";
import { SUPERVISOR_NL } from "./supervisor.nl";

export const HANDBOOKS: Readonly<Record<Reader, Readonly<Record<Language, Handbook>>>> = {
  agent: { nl: AGENT_NL, en: AGENT_EN },
  supervisor: { nl: SUPERVISOR_NL, en: SUPERVISOR_EN },
  client: { nl: CLIENT_NL, en: CLIENT_EN },
  administrator: { nl: ADMINISTRATOR_NL, en: ADMINISTRATOR_EN },
};
