"""Which place lies in which: countries with their continent, the words for their people, and well-known cities.

Only what is needed to see that Paris is in France and therefore not in Germany, and that "in Europe" is true of it.
Borders and names that are disputed are left out. Lines: country; the adjective; continent; cities.
"""

from functools import cache
from typing import NamedTuple

TABLE = """
Afghanistan;Afghan;Asia;Kabul,Kandahar
Albania;Albanian;Europe;Tirana
Algeria;Algerian;Africa;Algiers,Oran
Angola;Angolan;Africa;Luanda
Argentina;Argentine,Argentinian;South America;Buenos Aires,Cordoba,Rosario
Armenia;Armenian;Asia;Yerevan
Australia;Australian;Oceania;Canberra,Sydney,Melbourne,Brisbane,Perth,Adelaide
Austria;Austrian;Europe;Vienna,Salzburg,Graz,Innsbruck
Azerbaijan;Azerbaijani;Asia;Baku
Bangladesh;Bangladeshi;Asia;Dhaka
Belarus;Belarusian;Europe;Minsk
Belgium;Belgian;Europe;Brussels,Antwerp,Bruges,Ghent
Bolivia;Bolivian;South America;La Paz,Sucre
Brazil;Brazilian;South America;Brasilia,Brasília,Rio de Janeiro,Sao Paulo,São Paulo,Salvador
Bulgaria;Bulgarian;Europe;Sofia
Cambodia;Cambodian;Asia;Phnom Penh
Canada;Canadian;North America;Ottawa,Toronto,Montreal,Vancouver,Calgary,Quebec City
Chile;Chilean;South America;Santiago
China;Chinese;Asia;Beijing,Shanghai,Guangzhou,Shenzhen,Wuhan,Nanjing
Colombia;Colombian;South America;Bogota,Bogotá,Medellin
Costa Rica;Costa Rican;North America;San Jose
Croatia;Croatian;Europe;Zagreb,Dubrovnik
Cuba;Cuban;North America;Havana
Czech Republic;Czech;Europe;Prague,Brno
Denmark;Danish;Europe;Copenhagen
Ecuador;Ecuadorian;South America;Quito
Egypt;Egyptian;Africa;Cairo,Giza,Luxor,Alexandria
Estonia;Estonian;Europe;Tallinn
Ethiopia;Ethiopian;Africa;Addis Ababa
Finland;Finnish;Europe;Helsinki
France;French;Europe;Paris,Lyon,Marseille,Nice,Bordeaux,Toulouse,Strasbourg,Versailles
Germany;German;Europe;Berlin,Munich,Hamburg,Cologne,Frankfurt,Dresden,Leipzig,Stuttgart,Bonn
Ghana;Ghanaian;Africa;Accra
Greece;Greek;Europe;Athens,Thessaloniki,Sparta
Hungary;Hungarian;Europe;Budapest
Iceland;Icelandic;Europe;Reykjavik
India;Indian;Asia;New Delhi,Mumbai,Kolkata,Chennai,Agra,Bangalore,Jaipur,Delhi
Indonesia;Indonesian;Asia;Jakarta
Iran;Iranian;Asia;Tehran
Iraq;Iraqi;Asia;Baghdad
Ireland;Irish;Europe;Dublin,Cork
Italy;Italian;Europe;Rome,Milan,Venice,Florence,Naples,Pisa,Turin,Pompeii,Verona
Jamaica;Jamaican;North America;Kingston
Japan;Japanese;Asia;Tokyo,Kyoto,Osaka,Hiroshima,Nagasaki
Jordan;Jordanian;Asia;Amman,Petra
Kazakhstan;Kazakh;Asia;Astana,Almaty
Kenya;Kenyan;Africa;Nairobi
Laos;Laotian;Asia;Vientiane
Latvia;Latvian;Europe;Riga
Lebanon;Lebanese;Asia;Beirut
Libya;Libyan;Africa;Tripoli
Lithuania;Lithuanian;Europe;Vilnius
Madagascar;Malagasy;Africa;Antananarivo
Malaysia;Malaysian;Asia;Kuala Lumpur
Mali;Malian;Africa;Bamako
Mexico;Mexican;North America;Mexico City,Guadalajara,Cancun
Mongolia;Mongolian;Asia;Ulaanbaatar
Morocco;Moroccan;Africa;Rabat,Casablanca,Marrakesh
Myanmar;Burmese;Asia;Yangon,Naypyidaw
Nepal;Nepalese,Nepali;Asia;Kathmandu
Netherlands;Dutch;Europe;Amsterdam,Rotterdam,The Hague
New Zealand;New Zealander;Oceania;Wellington,Auckland,Christchurch
Nigeria;Nigerian;Africa;Abuja,Lagos
North Korea;North Korean;Asia;Pyongyang
Norway;Norwegian;Europe;Oslo,Bergen
Pakistan;Pakistani;Asia;Islamabad,Karachi,Lahore
Panama;Panamanian;North America;Panama City
Paraguay;Paraguayan;South America;Asuncion
Peru;Peruvian;South America;Lima,Cusco
Philippines;Filipino,Philippine;Asia;Manila
Poland;Polish;Europe;Warsaw,Krakow,Gdansk
Portugal;Portuguese;Europe;Lisbon,Porto
Qatar;Qatari;Asia;Doha
United Arab Emirates;Emirati;Asia;Abu Dhabi,Dubai
Israel;Israeli;Asia;Tel Aviv
Kuwait;Kuwaiti;Asia;Kuwait City
Oman;Omani;Asia;Muscat
Luxembourg;Luxembourgish;Europe;
Malta;Maltese;Europe;Valletta
Monaco;Monegasque;Europe;
Rwanda;Rwandan;Africa;Kigali
Ivory Coast;Ivorian;Africa;Abidjan,Yamoussoukro
Dominican Republic;Dominican;North America;Santo Domingo
Haiti;Haitian;North America;Port-au-Prince
Bhutan;Bhutanese;Asia;Thimphu
North Macedonia;Macedonian;Europe;Skopje
Bosnia and Herzegovina;Bosnian;Europe;Sarajevo
Moldova;Moldovan;Europe;Chisinau
Fiji;Fijian;Oceania;Suva
Romania;Romanian;Europe;Bucharest
Russia;Russian;;Moscow,Saint Petersburg,St. Petersburg,Vladivostok
Saudi Arabia;Saudi;Asia;Riyadh,Mecca,Medina
Senegal;Senegalese;Africa;Dakar
Serbia;Serbian;Europe;Belgrade
Singapore;Singaporean;Asia;
Slovakia;Slovak;Europe;Bratislava
Slovenia;Slovenian;Europe;Ljubljana
Somalia;Somali;Africa;Mogadishu
South Africa;South African;Africa;Cape Town,Johannesburg,Pretoria,Durban
South Korea;South Korean;Asia;Seoul,Busan
Spain;Spanish;Europe;Madrid,Barcelona,Seville,Valencia,Granada
Sri Lanka;Sri Lankan;Asia;Colombo
Sudan;Sudanese;Africa;Khartoum
Sweden;Swedish;Europe;Stockholm,Gothenburg
Switzerland;Swiss;Europe;Bern,Zurich,Geneva,Basel,Lausanne
Syria;Syrian;Asia;Damascus,Aleppo
Tanzania;Tanzanian;Africa;Dodoma,Dar es Salaam
Thailand;Thai;Asia;Bangkok
Tunisia;Tunisian;Africa;Tunis,Carthage
Turkey;Turkish;;Ankara,Istanbul,Constantinople,Ephesus
Uganda;Ugandan;Africa;Kampala
Ukraine;Ukrainian;Europe;Kyiv,Kiev,Odesa,Chernobyl,Lviv
United Kingdom;British;Europe;London,Manchester,Liverpool,Birmingham,Edinburgh,Glasgow,Oxford,Cambridge,Cardiff,Belfast,Bath
United States;American;North America;New York,New York City,Washington,Los Angeles,Chicago,Boston,San Francisco,Seattle,Houston,Dallas,Philadelphia,Detroit,Denver,Miami,Atlanta,Las Vegas,Hollywood,New Orleans,Honolulu
Uruguay;Uruguayan;South America;Montevideo
Uzbekistan;Uzbek;Asia;Tashkent,Samarkand
Venezuela;Venezuelan;South America;Caracas
Vietnam;Vietnamese;Asia;Hanoi,Ho Chi Minh City,Saigon
Yemen;Yemeni;Asia;Sanaa
Zambia;Zambian;Africa;Lusaka
Zimbabwe;Zimbabwean;Africa;Harare
"""  # noqa: E501  one country a line reads better than wrapped

_STATES = (
    "California,Texas,Florida,Alaska,Hawaii,Nevada,Arizona,Colorado,Utah,Ohio,Illinois,Michigan,Virginia,Massachusetts,"
    "Pennsylvania,Louisiana,Oregon,Wyoming,Montana,Kansas,Kentucky,Tennessee,Alabama,Mississippi,Missouri,Minnesota,"
    "Wisconsin,Iowa,Nebraska,Oklahoma,Idaho,Maine,Vermont,Connecticut,Maryland,Delaware,New Jersey,New Mexico,"
    "North Carolina,South Carolina,North Dakota,South Dakota,Arkansas,Indiana,West Virginia,Rhode Island,New Hampshire"
)
_NATIONS = "England,Scotland,Wales,Northern Ireland"
_NATION_ADJECTIVES = {"english": "england", "scottish": "scotland", "welsh": "wales"}
_CONTINENTS = "Africa,Asia,Europe,North America,South America,Oceania,Antarctica"
_CONTINENT_ADJECTIVES = {"african": "africa", "asian": "asia", "european": "europe"}


class Kind:
    """The sizes of place that the table knows."""

    CITY, STATE, COUNTRY, CONTINENT = "city", "state", "country", "continent"


class Place(NamedTuple):
    """A place: its kind, and what it lies in, nearest first."""

    name: str
    kind: str
    within: tuple[str, ...]


@cache
def _table() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for name in _CONTINENTS.lower().split(","):
        found[name] = Place(name, Kind.CONTINENT, ())
    for line in TABLE.strip().lower().splitlines():
        country, adjectives, continent, cities = line.split(";")
        around = (continent,) if continent else ()
        place = Place(country, Kind.COUNTRY, around)
        found[country] = place
        found.update(dict.fromkeys(adjectives.split(","), place))
        found.update({city: Place(city, Kind.CITY, (country, *around)) for city in cities.split(",") if city})
    for name in _STATES.lower().split(","):
        found[name] = Place(name, Kind.STATE, ("united states", "north america"))
    for name in _NATIONS.lower().split(","):
        found[name] = Place(name, Kind.STATE, ("united kingdom", "europe"))
    found.update({adjective: found[name] for adjective, name in _NATION_ADJECTIVES.items()})
    found.update({adjective: found[name] for adjective, name in _CONTINENT_ADJECTIVES.items()})
    found["usa"] = found["united states"]
    found["uk"] = found["united kingdom"]
    found["america"] = found["united states"]
    found["great britain"] = found["united kingdom"]
    found["britain"] = found["united kingdom"]
    found["holland"] = found["netherlands"]
    found["soviet union"] = Place("soviet union", Kind.COUNTRY, ())
    return found


def place(name: str) -> Place | None:
    """The place of that name, or None."""
    return _table().get(name.lower())


def lies_in(inner: Place, outer: Place) -> bool:
    """Whether `inner` is `outer` or a part of it."""
    return inner.name == outer.name or outer.name in inner.within


def exclude(one: Place, other: Place) -> bool:
    """Whether nothing can be in both: two cities, or a city and a country that does not hold it."""
    if lies_in(one, other) or lies_in(other, one):
        return False
    small, large = (one, other) if _RANK[one.kind] <= _RANK[other.kind] else (other, one)
    if small.kind == large.kind:
        return True
    if large.kind == Kind.STATE:  # the table does not say which state a city is in
        return large.within[0] not in small.within
    return large.kind != Kind.CONTINENT or bool(small.within)  # Russia and Turkey lie in two continents


_RANK = {Kind.CITY: 0, Kind.STATE: 1, Kind.COUNTRY: 2, Kind.CONTINENT: 3}
