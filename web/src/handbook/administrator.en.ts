import { type Handbook, points, steps, text } from "../domain/handbook";

export const ADMINISTRATOR_EN: Handbook = [
  {
    id: "client",
    title: "A new client",
    blocks: [
      steps(
        "Create the client on [[nav.clients]]: name, neutral name, number.",
        "Set terms, caps and the rest between attempts. Empty means the usual value.",
        "Learn the columns from an example file.",
        "Put numbers for transfers and for the crisis desk on the list. No other number is ever rung.",
        "Make the messages and ring the number yourself once.",
      ),
    ],
  },
  {
    id: "users",
    title: "Users",
    blocks: [
      points(
        "On [[nav.users]] give somebody the role that he needs, and no more.",
        "Somebody left? Turn his access off. His calls and outcomes keep his name.",
        "Phone lost? Take the second step away at *Access*. Only when you speak to that very person.",
        "Choose at *Who needs a second step* which roles need a code from their phone.",
        "Password lost? Make a new one. He chooses his own when he signs in.",
      ),
    ],
  },
  {
    id: "bills",
    title: "Bills",
    blocks: [
      steps(
        "Set a tariff on [[nav.bills]] first: from which day, the price of a record, and VAT.",
        "Each month is closed by itself on the first day after it. You can always look what a month costs so far.",
        "Send the client the PDF and the proof list. It has the client's own references, no names.",
        "Is something wrong? Make a credit note. A bill never changes.",
        "Enter the index figures around the turn of the year. You see the amount before and after rounding.",
      ),
    ],
  },
  {
    id: "links",
    title: "Connections",
    blocks: [
      points(
        "On [[nav.tokens]] you make keys for other systems. A key is shown once.",
        "Channels to the client's systems are tested there too. What is wrong stands there in plain words.",
        "Lists can be fetched by themselves from a folder or an SFTP server. Where and when you set on the client's page, under [[files.open]].",
      ),
    ],
  },
  {
    id: "files",
    title: "Results as files",
    blocks: [
      steps(
        "On [[nav.clients]] go to the client and choose [[files.open]].",
        "Drag an example file into the box. Choose for each column what goes in, and look at the invented lines.",
        "Add a place: an SFTP server, a folder or a web address. Choose the days and the layout.",
        "For SFTP give our key to who runs the server. For a web address you see a secret once: pass it on safely.",
        "Choose [[outlets.test]]. Nothing is sent yet.",
      ),
      text("Does the layout not fit any more? Keeping makes a new version; an earlier one can be had back. You do not see the results themselves: the supervisor does."),
    ],
  },
  {
    id: "trouble",
    title: "When something does not work",
    blocks: [
      text("First run `dialer doctor`. Each line that says FAIL says what to do. If nothing is dialled, ask `dialer campaign why` with the campaign's name."),
    ],
  },
];
