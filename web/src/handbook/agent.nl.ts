import { type Handbook, keys, points, say, steps, text } from "../domain/handbook";

export const AGENT_NL: Handbook = [
  {
    id: "first-day",
    title: "Uw eerste dag",
    blocks: [
      text("U belt inwoners die achterlopen met betalen. U vraagt of zij hulp willen. U bent geen incasso: niemand hoeft iets te betalen aan u."),
      steps(
        "Zet uw headset op en open [[nav.desk]].",
        "Kies uw microfoon en uw headset. Praat even: de balk moet bewegen. Luister naar het proefgeluid.",
        "Druk op ‘[[duty.do.on_duty]]’. Vanaf nu kunt u een gesprek krijgen.",
        "Er komt een gesprek: u hoort de inwoner meteen. Zeg uw zin uit het script.",
        "Doe de identiteitscontrole. Pas daarna ziet u waar het over gaat.",
        "Volg het script met de cijfertoetsen, kies de uitkomst en rond af.",
        "Klaar voor vandaag? Druk op ‘[[duty.do.off_duty]]’.",
      ),
    ],
  },
  {
    id: "reviews",
    title: "Uw beoordelingen",
    blocks: [
      text("Op [[nav.reviews]] staat wat uw kwaliteitsmanager van uw gesprekken vond. Een coachpunt is alleen tussen u en uw coach: u antwoordt op dezelfde plek."),
      text("Weet u hoe het beter kan? Doe daar een verbetervoorstel. Het krijgt altijd een antwoord, dat u er ook leest."),
    ],
  },
  {
    id: "practice",
    title: "Oefenen",
    blocks: [
      text("Op [[nav.practice]] voert u gesprekken met inwoners die niet bestaan. Het scherm en de toetsen zijn die van uw werkplek. Niemand wordt gebeld, en wat u typt blijft op uw scherm."),
      steps(
        "Ga uit dienst of neem een pauze, en open [[nav.practice]].",
        "Kies een gesprek. De telefoon gaat over en bovenaan leest u wat de inwoner zegt.",
        "Vraagt de inwoner iets? Kies met X, Y of Z wat u zegt.",
        "Volg het script, doe de controle, hang op en leg het resultaat vast, zoals altijd.",
        "Lees wat goed ging en wat nog niet. Doe het gesprek nog eens tot het lukt.",
      ),
      points(
        "Een gesprek haalt u met 80% of meer. Controle, resultaat en notitie moeten altijd goed zijn, en bij een crisis het bellen van de crisisdienst.",
        "Hebt u alle gesprekken gehaald? Dan hebt u de oefening gehaald, voorgoed. Uw teamleider ziet dat, maar niet uw scores.",
        "Sommige belacties geven alleen gesprekken aan wie de oefening heeft gehaald. Op [[nav.desk]] staat dan welke.",
        "De rondleiding over uw werkplek vindt u in uw menu, bij [[tour.open]].",
      ),
    ],
  },
  {
    id: "call",
    title: "Een gesprek voeren",
    blocks: [
      text("De inwoner hoort u zodra hij opneemt. Begin dus meteen, rustig en vriendelijk. Op het scherm staan alleen naam, nummer en de hoeveelste poging het is."),
      points(
        "Zeg vóór de controle nooit waarom u belt. Ook niet als iemand erom vraagt.",
        "Typ wat de inwoner zegt: geboortedatum, of postcode en huisnummer. Lees zelf niets voor. Het scherm zegt alleen of het klopt.",
        "Klopt het niet, vraag het nog eens. Na het laatste antwoord dat niet klopt, vertelt u niets meer en rondt u af.",
        "Krijgt u iemand anders aan de lijn? Volg in het script ‘iemand anders’. Het dossier blijft dicht.",
        "Denkt iemand aan oplichting? Geef hem gelijk dat hij oplet. Hij kan zelf het nummer van de gemeente bellen.",
      ),
      say("Goed dat u voorzichtig bent. U kunt zelf de gemeente bellen en naar ons vragen. Het nummer staat op de website van de gemeente."),
    ],
  },
  {
    id: "keys",
    title: "Toetsen",
    blocks: [
      text("U kunt alles met het toetsenbord doen. Letters werken niet terwijl u typt. Werkt u met spraak? Zet de lettertoetsen dan uit in uw menu, rechtsboven."),
      keys(
        ["1–9", "antwoord in het script"],
        ["H", "ophangen"],
        ["E", "ophangen, en de inwoner wil geen vragen achteraf"],
        ["U", '"Dit is oplichting": de inwoner kijkt het zelf na bij de gemeente'],
        ["V", "voicemail"],
        ["M", "microfoon uit en aan"],
        ["D", "doorverbinden"],
        ["C", "crisis: het protocol, en nog eens C om te verbinden"],
        ["P", "met z’n drieën praten"],
        ["W", "de andere twee verbinden en zelf weggaan"],
        ["B", "de inwoner terughalen"],
        ["/", "zoeken in de kenniskaarten"],
        ["G", "bericht gelezen"],
        ["K", "een collega bellen, of opnemen als een collega belt"],
        ["O", "gesprek met een collega niet opnemen of ophangen"],
        ["R", "de opname: begint na het ja van de inwoner, pauzeert, gaat verder"],
        ["T", "geen opname: stoppen en wissen"],
        ["Enter", "afronden of bevestigen"],
        ["Esc", "toch niet"],
      ),
    ],
  },
  {
    id: "transfer",
    title: "Doorverbinden",
    blocks: [
      steps(
        "Vertel de inwoner wat u gaat doen. De zin staat boven de lijst.",
        "Druk op D en kies naar wie. Alleen wie nu open is, kunt u kiezen.",
        "Kies eerst overleggen of direct verbinden. Bij overleg hoort de inwoner muziek en spreekt u eerst de ander.",
        "P brengt u alle drie samen. W laat de inwoner bij de ander. B haalt de inwoner terug.",
      ),
      text("Neemt niemand op, dan hebt u de inwoner vanzelf terug. Vertel de ander alleen wat nodig is om te helpen."),
    ],
  },
  {
    id: "crisis",
    title: "Crisis",
    blocks: [
      text("Dreigt iemand zichzelf of een ander iets aan te doen, of staat iemand vandaag op straat of zonder energie? Dan is het een crisis."),
      steps(
        "Blijf aan de lijn en blijf rustig. Druk op C: het protocol van de gemeente komt in beeld.",
        "Druk nog eens op C om met de crisisdienst te overleggen. De inwoner hoort muziek.",
        "Verbind door, en rond daarna af. De melding gaat binnen een uur naar de gemeente.",
        "U krijgt geen nieuw gesprek tot u zelf op ‘[[duty.do.resume]]’ drukt. Met ‘[[colleague.ask]]’ belt u een collega.",
      ),
      text("Is er direct gevaar voor een leven? Bel 112."),
    ],
  },
  {
    id: "colleague",
    title: "Een collega bellen",
    blocks: [
      text("Druk buiten een gesprek op K en kies een collega. U belt op uw eigen telefoon. Zolang dat duurt, krijgen u en uw collega geen gesprek. Belt een collega u? Neem op met K, of kies ‘[[colleague.refuse]]’ met O. Niets wordt opgenomen."),
    ],
  },
  {
    id: "wrap-up",
    title: "Afronden",
    blocks: [
      points(
        "Kies de uitkomst. Wat niet kan, is grijs en zegt waarom.",
        "Schrijf kort op wat een collega moet weten. Geen burgerservicenummer, geen gezondheid. Het scherm waarschuwt u.",
        "Wil de inwoner een afspraak? Kies een van de vrije tijden van de gemeente.",
        "Wil de inwoner later gebeld worden? Vul dag en tijd in. Wij bellen dan precies op tijd.",
        "Hulp, al betaald en ‘niet meer bellen’ vragen een tweede toets. Zo gaat het niet per ongeluk.",
        "Fout gekozen? U kunt uw laatste uitkomst nog een kwartier terughalen.",
      ),
      text("Soms krijgt de inwoner na het ophangen twee vragen over het gesprek, met toetsen. Het systeem loot wie. U hoort er niets van en kunt meteen afronden. Zet bij een crisis, klacht of agressie het vinkje voordat u ophangt: dan vraagt niemand iets."),
      text("Alles wat u typt, wordt vanzelf bewaard. Neem de tijd die u nodig hebt: het nawerk stopt niet vanzelf."),
    ],
  },
  {
    id: "callbacks",
    title: "Terugbellen",
    blocks: [
      text("Op [[nav.callbacks]] staat wie wil dat wij terugbellen. De meeste mensen bellen wij vanzelf. Kennen wij het nummer niet, dan kiest u ‘Ik bel terug’ en daarna ‘Bel nu’."),
    ],
  },
  {
    id: "pause",
    title: "Pauze",
    blocks: [
      text("Druk op ‘[[duty.do.pause]]’ en kies waarom. De redenen komen van uw leidinggevenden. Bent u in gesprek, dan begint de pauze daarna. Na een zwaar gesprek krijgt u vanzelf meer rust. Vraag een leidinggevende als dat niet genoeg is."),
      text("Loopt u even weg? Kies ‘[[menu.lock]]’ in uw menu, rechtsboven. Vergeet u het, dan vraagt het scherm na een tijd of u er nog bent. Zonder antwoord gaat u met pauze en gaat het scherm op slot. Met uw wachtwoord gaat u verder waar u was."),
      text("Luistert er iemand mee, dan ziet u dat altijd. De inwoner hoort het ook."),
    ],
  },
  {
    id: "trouble",
    title: "Als er iets misgaat",
    blocks: [
      points(
        "Scherm kwijt of per ongeluk gesloten? Open het opnieuw. De inwoner hoort muziek en u krijgt hem terug.",
        "Geen geluid? Kijk naar uw headset en kies hem opnieuw. Zolang wij u niet horen, krijgt u geen gesprekken.",
        "Internet even weg? Blijf zitten. Het scherm verbindt vanzelf opnieuw, ook midden in een gesprek.",
        "Staat er dat bewaren niet lukt? Sluit het scherm niet. Wij proberen het tot het gelukt is.",
      ),
    ],
  },
  {
    id: "privacy",
    title: "Wat u nooit doet",
    blocks: [
      points(
        "Over schulden praten met iemand anders dan de inwoner zelf. Ook niet met een partner, en niet op een voicemail.",
        "Gegevens opschrijven op papier of in uw eigen bestanden.",
        "Uw wachtwoord delen, of weglopen zonder uw scherm op slot te zetten.",
      ),
    ],
  },
];
