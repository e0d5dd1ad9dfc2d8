import { type Handbook, keys, points, steps, text } from "../domain/handbook";

export const SUPERVISOR_EN: Handbook = [
  {
    id: "day",
    title: "Start and end of the day",
    blocks: [
      steps(
        "Open [[nav.day]]. At the top stands what needs you now: missed appointments, a crisis whose term ends, lists that did not come.",
        "See who is here, and which campaigns are open today.",
        "At the end: are all calls filed? Are any call-back requests open?",
      ),
    ],
  },
  {
    id: "floor",
    title: "The floor",
    blocks: [
      text("[[nav.floor]] shows who calls, who is free and who waits. Beside each campaign stands in plain words why calls are made now or not."),
      points(
        "Send somebody a short message. It stays until he has read it, and is stored nowhere.",
        "Give somebody a pause or end his duty. You say why; he sees it.",
        "Who asks for a colleague after a crisis stands here until he is available again.",
      ),
    ],
  },
  {
    id: "listen",
    title: "Listening in",
    blocks: [
      text("First you choose why you listen. The agent sees it at once and the resident hears it. It ends with the call. Everything is recorded in the audit trail."),
      keys(["L", "only listen"], ["F", "whisper to the agent"], ["M", "join in"], ["O", "take over, from joining in: the agent leaves and files the outcome"], ["S", "stop; after taking over this hangs up"]),
    ],
  },
  {
    id: "transfers",
    title: "Who calls may be transferred to",
    blocks: [
      steps(
        "Open [[nav.clients]] and choose the client.",
        "Under [[targets.title]], put whom agents may call: name, number and opening hours.",
        "For the crisis desk, write what the agent does first. One step a line.",
      ),
      text("No other number is ever rung for a transfer. Does an agent ask for a colleague after a crisis? It is shown on [[nav.floor]]. Go to him."),
    ],
  },
  {
    id: "start",
    title: "Starting a campaign",
    blocks: [
      steps(
        "Deliver the list on [[nav.deliveries]]. Look at the trial: what is read, what is refused and why.",
        "On [[nav.campaigns]] choose the script, the hours and the way of calling.",
        "Go through the client's checklist. As long as something is open, the campaign does not start.",
        "Make a proof call to your own people. It counts nowhere.",
        "Start the campaign.",
      ),
      points(
        "Pause: nothing new leaves, conversations go on.",
        "Drain: what is planned goes on, nothing is added.",
        "Stop: whatever rings is hung up within a second.",
      ),
    ],
  },
  {
    id: "why",
    title: "Why is nothing dialled?",
    blocks: [
      text("Ask the campaign: it always names the first rule that holds calls back. A resident's page says the same for him alone, and why his next attempt is then. With *Why (not) then?* you choose a moment that has passed."),
    ],
  },
  {
    id: "pacing",
    title: "How many calls at once",
    blocks: [
      points(
        "One by one: one call for each free agent. Nobody waits.",
        "Looking ahead: more calls than free agents, as many as your promise allows.",
        "Choose by itself: the service begins one by one and looks ahead only where that brings something.",
      ),
      text("You set a promise, not a speed: how many of those who answer may meet nobody, and within how many seconds somebody is there. Who meets nobody always hears a proper message."),
    ],
  },
  {
    id: "resident",
    title: "One resident",
    blocks: [
      points(
        "[[nav.cases]] finds somebody by reference, state or outcome.",
        "Withdrawing works at once, also when his call is ready to leave.",
        "An outcome can always be corrected, with a reason. The client gets the correction by itself.",
        "‘No phone’ may be lifted only when the resident asks for it.",
      ),
    ],
  },
  {
    id: "team",
    title: "Languages, skills and the roster",
    blocks: [
      text("On [[nav.team]] you keep which languages somebody speaks and what somebody can do. A campaign may ask for it, in its settings. Whoever lacks something gets none of its calls."),
      text("Does a resident speak another language? Then the call waits some days for an agent who speaks it. After that anybody calls."),
      points(
        "On [[roster.title]] you type who works when, week by week. Type a for away; the reason is not kept here.",
        "With [[roster.copy.do]] the hours stand in the weeks after it too.",
        "Planning reckons with the roster. Without one it reckons with the last four weeks.",
        "[[nav.day]] and [[nav.floor]] show who is planned and not here yet.",
        "[[practice.team]] shows who has passed the practice. A campaign can ask for it in its settings.",
      ),
    ],
  },
  {
    id: "question",
    title: "A question of a client",
    blocks: [
      text("A client can send a case back with a question. On [[nav.questions]] you see whose turn it is; you answer on the resident's page. Agents do not see this. Does an agent have to know something? Correct the outcome, or send him a message."),
    ],
  },
  {
    id: "quality",
    title: "Quality",
    blocks: [
      text("Each night the system draws records of the day before: a few of each agent, and every complaint. On [[nav.quality]] you give points and say whether the outcome is right."),
      points(
        "Not right? Choose the right one and give a reason. The client gets the correction by itself.",
        "A coaching item is read by you and the agent alone. The agent answers; you close it.",
        "The client reviews the same records. You see each other's verdict only after your own. [[quality.calibration]] shows what differs.",
        "At [[quality.card]] you change the points of a client.",
        "A complaint gets an owner at [[complaints.title]], and an answer within six weeks. The term is put off once at most.",
        "At [[improve.title]] each proposal goes through plan, do, check and act. It cannot be closed without an answer.",
      ),
    ],
  },
  {
    id: "script",
    title: "Script and knowledge",
    blocks: [
      text("On [[nav.scripts]] you make a draft, walk it through in a trial call and ask the client for approval. Running calls keep the version that they began with. Cards with explanations stand on [[nav.knowledge]]."),
    ],
  },
  {
    id: "results",
    title: "To the client",
    blocks: [
      text("[[nav.exports]] shows what must be with the client by when, and what did not arrive. ‘Send again’ sends a message once more. A crisis goes within the hour, a request for help within a working day."),
      points(
        "Files leave by themselves on their days. [[dispatches.send]] sends at once what is new.",
        "A file that was received has a receipt. Its lines are confirmed with it.",
        "Given up? Mend the cause and send it again. Until then it holds its lines.",
      ),
    ],
  },
  {
    id: "reports",
    title: "Reports and satisfaction",
    blocks: [
      text("On [[nav.reports]] you ask a report of a client or a campaign. It stays as it was, also when something is corrected later."),
      points(
        "Click a count to see the residents, calls or appointments behind it. At the end stands what each figure means.",
        "[[work.kpis]] says whether what was agreed was met, beside three earlier periods. The agreements themselves are on the client's page.",
        "[[reports.file.pdf]] and spreadsheet hold what you see on the screen. A report can also come by itself, on a fixed day.",
        "Is reach too far off the promise? That stands first. Write down what you agree on the campaign's page.",
      ),
      text("Do you want to know how satisfied residents are? Set in a campaign's settings how many conversations get two questions. The system draws. Nobody sees who answered what."),
    ],
  },
];
