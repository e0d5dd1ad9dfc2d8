/** A case on a list, for tests. */

import type { FollowUpLine, QuestionThread } from "../api/types";

export function followUpLine(more: Partial<FollowUpLine> = {}): FollowUpLine {
  return {
    case: "k", campaign: "c", list: "to_visit", reason: "NOT_REACHED", state: "not_reached", crisis: false, language: "nl", since: "2026-02-20T09:00:00Z",
    due_at: "2026-03-09T09:00:00Z", term_ends_at: "2026-03-09T09:00:00Z", done_at: null, version: 3, client_refs: ["Z-1"], place: "", tried: [], numbers: 1, numbers_closed: [],
    mark: null, marked_at: null, marked_by: "", not_home: 0, question: "", unread: 0, ...more,
  };
}

export function thread(more: Partial<NonNullable<QuestionThread["line"]>> = {}, messages: QuestionThread["messages"] = []): QuestionThread {
  return {
    line: {
      case: "k", client: "o", campaign: "c", state: "answered", opened_at: "2026-03-01T09:00:00Z", changed_at: "2026-03-02T09:00:00Z", messages: messages.length,
      unread: 0, client_refs: ["Z-1"], case_state: "open", ...more,
    },
    messages,
  };
}
