import { type Handbook, points, text } from "../domain/handbook";

export const CLIENT_NL: Handbook = [
  {
    id: "overview",
    title: "Wat u hier ziet",
    blocks: [
      text("U ziet alleen de inwoners van uw eigen gemeente. Elke keer dat u een dossier opent of iets ophaalt, wordt dat vastgelegd."),
      points(
        "Bereik: welk deel van de inwoners die gebeld konden worden, persoonlijk gesproken is.",
        "Niet bereikt: wie na alle pogingen niet gesproken is, met de dagen en dagdelen waarop gebeld is.",
        "Hulp: wie hulp wil, en waarbij.",
      ),
    ],
  },
  {
    id: "lists",
    title: "Wat van u gevraagd wordt",
    blocks: [
      points(
        "[[nav.home]] laat zien hoeveel er op u wacht, en wat over de termijn is.",
        "[[follow.to_visit]]: inwoners die wij niet aan de telefoon krijgen. Leg vast wat er van een bezoek of een brief kwam.",
        "[[follow.appointment]]: geef na afloop aan of iemand gekomen is.",
        "[[follow.decision]]: bijvoorbeeld bij een overlijden of een schuld die iemand betwist.",
        "Een vergissing? Met [[follow.undo]] haalt u het binnen een week terug.",
      ),
    ],
  },
  {
    id: "withdraw",
    title: "Een inwoner terugtrekken",
    blocks: [
      text("Wilt u niet dat iemand nog gebeld wordt? Trek hem terug op zijn bladzijde. Dat werkt meteen, ook als zijn oproep al klaarstaat. U vult in waarom."),
    ],
  },
  {
    id: "question",
    title: "Een vraag over een inwoner",
    blocks: [
      text("Stel uw vraag op de bladzijde van de inwoner in plaats van per e-mail. De teamleider antwoordt op dezelfde plek. Op [[nav.questions]] ziet u wie aan de beurt is. Schrijf geen burgerservicenummer en niets over gezondheid."),
    ],
  },
  {
    id: "script",
    title: "Script en kenniskaarten goedkeuren",
    blocks: [
      text("Op [[nav.scripts]] loopt u het script na, stap voor stap, en keurt u het goed of stuurt u het met een reden terug. Pas daarna gebruiken medewerkers het. Hetzelfde geldt voor de kaarten op [[nav.knowledge]]."),
    ],
  },
  {
    id: "quality",
    title: "Meebeoordelen",
    blocks: [
      text("Op [[nav.quality]] staan de records die wij elke dag bekijken. U geeft dezelfde punten. Daarna ziet u ons oordeel ernaast. Vindt u een ander gespreksresultaat juist? Dat is een voorstel: wij beslissen en verbeteren."),
    ],
  },
  {
    id: "slots",
    title: "Tijden voor afspraken",
    blocks: [
      text("Op [[nav.bookings]] zet u welke tijden u aanbiedt: een vast weekpatroon, met dagen waarop het niet kan. Medewerkers boeken alleen in die tijden, en nooit dubbel."),
    ],
  },
  {
    id: "reports",
    title: "Rapporten",
    blocks: [
      text("Op [[nav.reports]] ziet u dezelfde cijfers als wij: bereik, hulpvraag, afspraken, wachttijden, kwaliteit en tevredenheid. Klik op een aantal om te zien waar het uit bestaat. Onder elk deel staat wat de cijfers betekenen."),
    ],
  },
];
