import { type Handbook, keys, points, steps, text } from "../domain/handbook";

export const SUPERVISOR_NL: Handbook = [
  {
    id: "day",
    title: "Begin en einde van de dag",
    blocks: [
      steps(
        "Open [[nav.day]]. Bovenaan staat wat nu aandacht vraagt: gemiste afspraken, een crisis waarvan de termijn afloopt, lijsten die niet kwamen.",
        "Kijk wie er is, en welke belacties vandaag open zijn.",
        "Aan het einde: zijn alle gesprekken afgerond? Staan er nog terugbelverzoeken open?",
      ),
    ],
  },
  {
    id: "floor",
    title: "De werkvloer",
    blocks: [
      text("Op [[nav.floor]] ziet u wie belt, wie vrij is en wie wacht. Bij elke belactie staat waarom er nu wel of niet gebeld wordt, in gewone woorden."),
      points(
        "Stuur iemand een kort bericht. Het blijft staan tot hij het gelezen heeft, en wordt nergens bewaard.",
        "Geef iemand pauze of beëindig zijn dienst. U vult in waarom; hij ziet het.",
        "Vraagt iemand een collega na een crisis, dan staat dat hier tot hij weer beschikbaar is.",
      ),
    ],
  },
  {
    id: "listen",
    title: "Meeluisteren",
    blocks: [
      text("U kiest eerst waarom u meeluistert. De medewerker ziet het meteen en de inwoner hoort het. Het stopt als het gesprek stopt. Alles wordt vastgelegd."),
      keys(["L", "alleen luisteren"], ["F", "fluisteren naar de medewerker"], ["M", "meepraten"], ["O", "overnemen, vanuit meepraten: de medewerker gaat uit het gesprek en rondt af"], ["S", "stoppen; na overnemen hangt dit op"]),
    ],
  },
  {
    id: "transfers",
    title: "Doorverbinden regelen",
    blocks: [
      steps(
        "Open [[nav.clients]] en kies de opdrachtgever.",
        "Zet bij [[targets.title]] wie medewerkers mogen bellen: naam, nummer en openingstijden.",
        "Schrijf bij de crisisdienst wat de medewerker eerst doet. Eén stap per regel.",
      ),
      text("Voor doorverbinden belt het systeem nooit een ander nummer. Vraagt een medewerker na een crisis een collega? Dan staat dat op [[nav.floor]]. Ga naar hem toe."),
    ],
  },
  {
    id: "start",
    title: "Een belactie beginnen",
    blocks: [
      steps(
        "Lever de lijst aan op [[nav.deliveries]]. Kijk naar de proef: wat wordt gelezen, wat wordt geweigerd en waarom.",
        "Kies op [[nav.campaigns]] het script, de tijden en de manier van bellen.",
        "Loop de controlelijst van de opdrachtgever na. Zolang er iets openstaat, gaat de belactie niet aan.",
        "Doe een proefgesprek met uw eigen mensen. Het telt nergens mee.",
        "Zet de belactie aan.",
      ),
      points(
        "Pauze: er gaat niets nieuws weg, gesprekken gaan door.",
        "Leeg laten lopen: wat al gepland is gaat door, er komt niets bij.",
        "Stop: alles wat overgaat, wordt binnen een seconde opgehangen.",
      ),
    ],
  },
  {
    id: "why",
    title: "Waarom wordt er niet gebeld?",
    blocks: [
      text("Vraag het de belactie: die noemt altijd de eerste regel die bellen tegenhoudt. Op de bladzijde van een inwoner staat hetzelfde voor hem alleen, en waarom zijn volgende poging dan is. Bij *Waarom toen (niet)?* kiest u een moment dat voorbij is."),
    ],
  },
  {
    id: "pacing",
    title: "Hoeveel er tegelijk gebeld wordt",
    blocks: [
      points(
        "Eén voor één: per vrije medewerker gaat één oproep uit. Niemand wacht.",
        "Vooruitkijkend: er gaan meer oproepen uit dan er medewerkers vrij zijn, zo veel als uw belofte toelaat.",
        "Zelf kiezen: de dienst begint één voor één en kijkt pas vooruit als dat iets oplevert.",
      ),
      text("U stelt een belofte in, geen snelheid: hoeveel van wie opneemt mag niemand treffen, en binnen hoeveel seconden er iemand is. Wie niemand treft, hoort altijd een nette boodschap."),
    ],
  },
  {
    id: "resident",
    title: "Eén inwoner",
    blocks: [
      points(
        "Op [[nav.cases]] vindt u iemand op kenmerk, toestand of uitkomst.",
        "Terugtrekken werkt meteen, ook als zijn oproep al klaarstaat.",
        "Een uitkomst verbeteren kan altijd, met een reden. De opdrachtgever krijgt de verbetering vanzelf.",
        "‘Niet meer bellen’ opheffen mag alleen als de inwoner daarom vraagt.",
      ),
    ],
  },
  {
    id: "team",
    title: "Talen, vaardigheden en rooster",
    blocks: [
      text("Op [[nav.team]] legt u vast welke talen iemand spreekt en wat iemand kan. Een belactie kan daarom vragen, bij haar instellingen. Wie iets mist, krijgt haar gesprekken niet."),
      text("Spreekt een inwoner een andere taal? Dan wacht de oproep enkele dagen op een medewerker die de taal spreekt. Daarna belt iedereen."),
      points(
        "Op [[roster.title]] typt u per week wie wanneer werkt. Typ a voor afwezig; de reden houdt u hier niet bij.",
        "Met [[roster.copy.do]] komen de werktijden ook in de weken erna.",
        "De planning rekent met het rooster. Zonder rooster rekent zij met de laatste vier weken.",
        "[[nav.day]] en [[nav.floor]] laten zien wie ingepland is en nog niet aanwezig.",
        "[[practice.team]] laat zien wie de oefening heeft gehaald. Bij de instellingen kan een belactie die vragen.",
      ),
    ],
  },
  {
    id: "question",
    title: "Een vraag van een opdrachtgever",
    blocks: [
      text("Een opdrachtgever kan een zaak terugsturen met een vraag. Op [[nav.questions]] ziet u wie aan de beurt is; u antwoordt op de bladzijde van de inwoner. Medewerkers zien dit niet. Moet een medewerker iets weten? Verbeter het resultaat, of stuur hem een bericht."),
    ],
  },
  {
    id: "quality",
    title: "Kwaliteit",
    blocks: [
      text("Elke nacht kiest het systeem records van de dag ervoor: per medewerker een paar, en elke klacht. Op [[nav.quality]] geeft u punten en zegt u of het gespreksresultaat klopt."),
      points(
        "Klopt het niet? Kies het juiste en geef een reden. De opdrachtgever krijgt de verbetering vanzelf.",
        "Een coachpunt lezen alleen u en de medewerker. De medewerker antwoordt; u rondt het af.",
        "De opdrachtgever beoordeelt dezelfde records. Elkaars oordeel ziet u pas na uw eigen oordeel. [[quality.calibration]] laat de verschillen zien.",
        "Bij [[quality.card]] past u de punten per opdrachtgever aan.",
        "Een klacht krijgt op [[complaints.title]] een behandelaar en binnen zes weken een antwoord. Verlengen kan één keer.",
        "Op [[improve.title]] gaat elk voorstel langs plan, uitproberen, nagaan en invoeren. Zonder antwoord kan het niet worden afgerond.",
      ),
    ],
  },
  {
    id: "script",
    title: "Script en kennis",
    blocks: [
      text("Op [[nav.scripts]] maakt u een concept, loopt het na met een proefgesprek en vraagt de opdrachtgever om akkoord. Lopende gesprekken houden de versie waarmee ze begonnen. Kaarten met uitleg staan op [[nav.knowledge]]."),
    ],
  },
  {
    id: "results",
    title: "Naar de opdrachtgever",
    blocks: [
      text("Op [[nav.exports]] staat wat wanneer bij de opdrachtgever moet zijn, en wat niet is aangekomen. Met ‘Opnieuw sturen’ gaat een bericht nog eens weg. Een crisis gaat binnen een uur, een hulpvraag binnen een werkdag."),
      points(
        "Bestanden gaan vanzelf weg op hun dagen. [[dispatches.send]] stuurt meteen wat nieuw is.",
        "Een ontvangen bestand heeft een ontvangstbewijs. De regels erin zijn dan ook bevestigd.",
        "Opgegeven? Los de oorzaak op en stuur het opnieuw. Tot dan houdt het zijn regels vast.",
      ),
    ],
  },
  {
    id: "reports",
    title: "Rapporten en tevredenheid",
    blocks: [
      text("Op [[nav.reports]] vraagt u een rapport over een opdrachtgever of een belactie. Het blijft zoals het was, ook als er later iets wordt verbeterd."),
      points(
        "Klik op een aantal om de inwoners, oproepen of afspraken erachter te zien. Onderaan staat wat elk cijfer betekent.",
        "Bij [[work.kpis]] staat of gehaald is wat is afgesproken, naast drie eerdere periodes. De afspraken zelf staan bij de opdrachtgever.",
        "[[reports.file.pdf]] en spreadsheet bevatten wat u op het scherm ziet. Een rapport kan ook vanzelf komen, op een vaste dag.",
        "Wijkt het bereik te veel af van de belofte? Dan staat dat bovenaan. Leg op de bladzijde van de belactie vast wat u afspreekt.",
      ),
      text("Wilt u weten hoe tevreden inwoners zijn? Zet bij de instellingen van een belactie hoeveel gesprekken twee vragen krijgen. Het systeem loot. Wie wat antwoordde, ziet niemand."),
    ],
  },
];
