import { type Handbook, points, steps, text } from "../domain/handbook";

export const ADMINISTRATOR_NL: Handbook = [
  {
    id: "client",
    title: "Een nieuwe opdrachtgever",
    blocks: [
      steps(
        "Maak de opdrachtgever aan op [[nav.clients]]: naam, neutrale naam, nummer.",
        "Stel de termijnen, de grenzen en de rust tussen pogingen in. Leeg is de gewone waarde.",
        "Leer de kolommen uit een voorbeeldbestand.",
        "Zet nummers voor doorverbinden en voor de crisisdienst op de lijst. Andere nummers worden nooit gebeld.",
        "Maak de berichten aan en bel het nummer zelf een keer.",
      ),
    ],
  },
  {
    id: "users",
    title: "Gebruikers",
    blocks: [
      points(
        "Geef iemand op [[nav.users]] de rol die hij nodig heeft, en niet meer.",
        "Iemand weg? Zet zijn toegang uit. Zijn gesprekken en uitkomsten blijven op zijn naam staan.",
        "Telefoon kwijt? Haal op *Toegang* de tweede stap weg. Doe dat alleen als u de persoon zelf spreekt.",
        "Kies bij *Wie een tweede stap nodig heeft* welke rollen een code van hun telefoon nodig hebben.",
        "Wachtwoord kwijt? Maak een nieuw wachtwoord. Hij kiest bij het aanmelden zijn eigen.",
      ),
    ],
  },
  {
    id: "bills",
    title: "Facturen",
    blocks: [
      steps(
        "Leg op [[nav.bills]] eerst een tarief vast: vanaf welke dag, de prijs van een record en de btw.",
        "Elke maand wordt op de eerste dag daarna vanzelf afgesloten. Eerder kijken wat een maand kost, kan altijd.",
        "Stuur de opdrachtgever de PDF en de bewijslijst. Daarin staan zijn eigen kenmerken, geen namen.",
        "Klopt er iets niet? Maak een creditnota. Een factuur verandert nooit.",
        "Vul rond de jaarwisseling de indexcijfers in. U ziet het bedrag voor en na het afronden.",
      ),
    ],
  },
  {
    id: "links",
    title: "Koppelingen",
    blocks: [
      points(
        "Op [[nav.tokens]] maakt u sleutels voor andere systemen. Een sleutel is één keer te zien.",
        "Kanalen naar de systemen van de opdrachtgever test u daar ook. Wat er mis is, staat er in gewone woorden.",
        "Lijsten kunnen vanzelf worden opgehaald uit een map of van een SFTP-server. Waar en wanneer stelt u in bij de opdrachtgever, onder [[files.open]].",
      ),
    ],
  },
  {
    id: "files",
    title: "Resultaten als bestand",
    blocks: [
      steps(
        "Ga op [[nav.clients]] naar de opdrachtgever en kies [[files.open]].",
        "Sleep een voorbeeldbestand in het vak. Kies bij elke kolom wat erin komt, en kijk naar de verzonnen regels.",
        "Voeg een plek toe: een SFTP-server, een map of een webadres. Kies de dagen en de indeling.",
        "Geef bij SFTP onze sleutel aan de beheerder van de server. Bij een webadres ziet u één keer een geheim: geef het veilig door.",
        "Kies [[outlets.test]]. Er gaat dan nog niets weg.",
      ),
      text("Past de indeling niet meer? Bewaren maakt een nieuwe versie; een eerdere haalt u terug. De resultaten zelf ziet u niet: dat doet de teamleider."),
    ],
  },
  {
    id: "trouble",
    title: "Als er iets niet werkt",
    blocks: [
      text("Draai eerst `dialer doctor`. Bij elke regel die FAIL zegt, staat wat u moet doen. Wordt er niet gebeld, vraag dan `dialer campaign why` met de naam van de belactie."),
    ],
  },
];
