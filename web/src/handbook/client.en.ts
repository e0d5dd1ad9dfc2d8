import { type Handbook, points, text } from "../domain/handbook";

export const CLIENT_EN: Handbook = [
  {
    id: "overview",
    title: "What you see here",
    blocks: [
      text("You see the residents of your own municipality only. Each time you open a file or fetch something, that is recorded in the audit trail."),
      points(
        "Reach: the share of residents who could be called and were personally spoken to.",
        "Not reached: who was not spoken to after all attempts, with the days and parts of the day that were tried.",
        "Help: who wants help, and with what.",
      ),
    ],
  },
  {
    id: "lists",
    title: "What is asked of you",
    blocks: [
      points(
        "[[nav.home]] shows how much waits for you, and what is past its term.",
        "[[follow.to_visit]]: residents whom we do not get on the phone. Say what came of a visit or a letter.",
        "[[follow.appointment]]: afterwards, say whether somebody came.",
        "[[follow.decision]]: for instance a death or a debt that somebody disputes.",
        "A slip? With [[follow.undo]] you have it back within a week.",
      ),
    ],
  },
  {
    id: "withdraw",
    title: "Withdrawing a resident",
    blocks: [
      text("Should somebody be called no more? Withdraw him on his page. It works at once, also when his call is ready to leave. You say why."),
    ],
  },
  {
    id: "question",
    title: "A question about a resident",
    blocks: [
      text("Ask on the resident's page instead of by e-mail. The supervisor answers in the same place. On [[nav.questions]] you see whose turn it is. Write no citizen number and nothing about health."),
    ],
  },
  {
    id: "script",
    title: "Approving script and cards",
    blocks: [
      text("On [[nav.scripts]] you walk through the script step by step, and approve it or send it back with a reason. Only then agents use it. The same holds for the cards on [[nav.knowledge]]."),
    ],
  },
  {
    id: "quality",
    title: "Reviewing with us",
    blocks: [
      text("[[nav.quality]] has the records that we look at each day. You give the same points. Then you see our verdict beside yours. Is another outcome right, you think? That is a proposal: we decide and correct."),
    ],
  },
  {
    id: "slots",
    title: "Times for appointments",
    blocks: [
      text("On [[nav.bookings]] you set the times that you offer: a week's pattern, with days on which it is not possible. Agents book in these times only, and never twice."),
    ],
  },
  {
    id: "reports",
    title: "Reports",
    blocks: [
      text("On [[nav.reports]] you see the same figures as we do: reach, need for help, appointments, waits, quality and satisfaction. Click a count to see what it is made of. Below each part stands what the figures mean."),
    ],
  },
];
