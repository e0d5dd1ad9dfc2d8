import { type Handbook, keys, points, say, steps, text } from "../domain/handbook";

export const AGENT_EN: Handbook = [
  {
    id: "first-day",
    title: "Your first day",
    blocks: [
      text("You call residents who fall behind with payments and ask whether they want help. You collect no debts: nobody has to pay you anything."),
      steps(
        "Put on your headset and open [[nav.desk]].",
        "Choose your microphone and your headset. Say something: the bar must move. Listen to the test sound.",
        "Press ‘[[duty.do.on_duty]]’. From now on a call can come.",
        "A call comes: you hear the resident at once. Say your sentence from the script.",
        "Do the identity check. Only then you see what it is about.",
        "Follow the script with the number keys, choose the outcome and file it.",
        "Done for today? Press ‘[[duty.do.off_duty]]’.",
      ),
    ],
  },
  {
    id: "reviews",
    title: "Your reviews",
    blocks: [
      text("[[nav.reviews]] shows what your quality manager found of your calls. A coaching item is between you and your coach alone: you answer in the same place."),
      text("Do you know how something could be better? Make a proposal there. It always gets an answer, which you read there too."),
    ],
  },
  {
    id: "practice",
    title: "Practice",
    blocks: [
      text("Under [[nav.practice]] you have conversations with residents who do not exist. The screen and the keys are those of your desk. Nobody is called, and what you type stays on your screen."),
      steps(
        "Go off duty or take a pause, and open [[nav.practice]].",
        "Choose a conversation. The telephone rings, and on top you read what the resident says.",
        "Does the resident ask something? Choose with X, Y or Z what you say.",
        "Follow the script, do the check, hang up and file the outcome, as always.",
        "Read what went well and what not yet. Do the conversation again until it works.",
      ),
      points(
        "You pass a conversation with 80% or more. Check, outcome and note must always be right, and in a crisis calling the crisis desk.",
        "Have you passed all conversations? Then you have passed the practice, for good. Your supervisor sees that, but not your scores.",
        "Some campaigns give calls only to who has passed the practice. [[nav.desk]] then says which.",
        "The tour of your desk is in your menu, under [[tour.open]].",
      ),
    ],
  },
  {
    id: "call",
    title: "A conversation",
    blocks: [
      text("The resident hears you as soon as he answers. So begin at once, calm and friendly. The screen shows only the name, the number and which attempt this is."),
      points(
        "Before the check, never say why you call. Not even when somebody asks.",
        "Type what the resident says: date of birth, or postcode and house number. Read nothing out yourself. The screen only says whether it is right.",
        "If it is not right, ask once more. After the last wrong answer you tell nothing more and file the call.",
        "Somebody else on the line? Follow ‘somebody else’ in the script. The file stays shut.",
        "Does somebody think of fraud? Tell him he is right to be careful. He can ring the municipality's number himself.",
      ),
      say("It is good that you are careful. You can ring the municipality yourself and ask for us. The number is on the municipality's website."),
    ],
  },
  {
    id: "keys",
    title: "Keys",
    blocks: [
      text("Everything can be done with the keyboard. Letters do nothing while you type. Do you work by speech? Turn the letter keys off in your menu, top right."),
      keys(
        ["1–9", "answer in the script"],
        ["H", "hang up"],
        ["E", "hang up, and the resident wants no questions afterwards"],
        ["U", '"This is a scam": the resident checks with the municipality himself'],
        ["V", "voicemail"],
        ["M", "microphone off and on"],
        ["D", "transfer"],
        ["C", "crisis: the protocol, and C again to connect"],
        ["P", "talk with all three"],
        ["W", "connect the other two and leave"],
        ["B", "have the resident back"],
        ["/", "search the knowledge cards"],
        ["G", "message read"],
        ["K", "call a colleague, or answer when a colleague calls"],
        ["O", "do not answer a colleague, or hang up"],
        ["R", "the recording: begins after the resident’s yes, pauses, goes on"],
        ["T", "no recording: stop and delete"],
        ["Enter", "file or confirm"],
        ["Esc", "rather not"],
      ),
    ],
  },
  {
    id: "transfer",
    title: "Transfer",
    blocks: [
      steps(
        "Tell the resident what you are going to do. The sentence stands above the list.",
        "Press D and choose to whom. Only who is open now can be chosen.",
        "Choose to speak first or to connect directly. When you speak first, the resident hears music.",
        "P brings all three together. W leaves the resident with the other. B has the resident back.",
      ),
      text("If nobody answers, you have the resident back by itself. Tell the other only what is needed to help."),
    ],
  },
  {
    id: "crisis",
    title: "Crisis",
    blocks: [
      text("Does somebody threaten to harm himself or another, or is somebody on the street or without energy today? Then it is a crisis."),
      steps(
        "Stay on the line and stay calm. Press C: the municipality's protocol appears.",
        "Press C again to speak with the crisis desk. The resident hears music.",
        "Connect them, and file the call. The report goes to the municipality within the hour.",
        "No new call comes until you press ‘[[duty.do.resume]]’ yourself. With ‘[[colleague.ask]]’ you call a colleague.",
      ),
      text("Is a life in danger right now? Ring 112."),
    ],
  },
  {
    id: "colleague",
    title: "Calling a colleague",
    blocks: [
      text("Out of a call, press K and choose a colleague. You call on your own phone. Until it is over, neither of you gets a call. Does a colleague call you? Answer with K, or choose ‘[[colleague.refuse]]’ with O. Nothing is recorded."),
    ],
  },
  {
    id: "wrap-up",
    title: "Wrap-up",
    blocks: [
      points(
        "Choose the outcome. What is not possible is grey and says why.",
        "Note briefly what a colleague must know. No citizen number, nothing about health. The screen warns you.",
        "Does the resident want an appointment? Choose one of the municipality's free times.",
        "Does the resident want to be called later? Fill in day and time. We then call exactly on time.",
        "Help, paid and ‘no phone’ ask for a second key, so that it is no accident.",
        "Chosen wrongly? You can take your last outcome back for a quarter of an hour.",
      ),
      text("Sometimes the resident gets two questions about the call after you hang up, answered by keys. The system draws who. You hear nothing of it and can wrap up at once. Tick a crisis, complaint or aggression before you hang up: then nobody asks anything."),
      text("What you type is kept by itself. Take the time you need: wrap-up does not end by itself."),
    ],
  },
  {
    id: "callbacks",
    title: "Calling back",
    blocks: [
      text("[[nav.callbacks]] lists who wants to be called back. We call most people by ourselves. If we do not know the number, choose ‘I call back’ and then ‘Call now’."),
    ],
  },
  {
    id: "pause",
    title: "Pause",
    blocks: [
      text("Press ‘[[duty.do.pause]]’ and choose why. The reasons come from your supervisors. In a conversation, the pause begins afterwards. After a heavy conversation you get more rest by itself. Ask a supervisor when that is not enough."),
      text("Leaving your desk? Choose ‘[[menu.lock]]’ in your menu, top right. If you forget, the screen asks after a while whether you are still there. Without an answer you are paused and the screen is locked. Your password lets you go on where you were."),
      text("If somebody listens in, you always see it. The resident hears it too."),
    ],
  },
  {
    id: "trouble",
    title: "When something goes wrong",
    blocks: [
      points(
        "Screen lost or closed by accident? Open it again. The resident hears music and you get him back.",
        "No sound? Look at your headset and choose it again. As long as we do not hear you, no calls come.",
        "Internet gone for a moment? Stay. The screen connects again by itself, in mid-call too.",
        "Does it say that keeping failed? Do not close the screen. We try until it is done.",
      ),
    ],
  },
  {
    id: "privacy",
    title: "What you never do",
    blocks: [
      points(
        "Talk about debts with anybody but the resident. Not with a partner, and not on a voicemail.",
        "Write data on paper or in files of your own.",
        "Share your password, or leave your screen unlocked.",
      ),
    ],
  },
];
