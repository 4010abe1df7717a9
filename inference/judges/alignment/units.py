"""The units that are known, with their dimension and what one of them is in the base unit of that dimension."""

from functools import cache

from inference.judges.alignment.vocabulary import word_set

_UNITS = """
length 0.001 mm millimetre millimetres millimeter millimeters
length 0.01 cm centimetre centimetres centimeter centimeters
length 1 m metre metres meter meters
length 1000 km kilometre kilometres kilometer kilometers
length 0.0254 inch inches in.
length 0.3048 ft foot feet
length 0.9144 yd yard yards
length 1609.344 mi mile miles
length 1852 nmi
length 9.461e15 lightyear lightyears
length 1.496e11 au
mass 1e-6 mg milligram milligrams
mass 1e-9 µg microgram micrograms mcg
mass 0.001 g gram grams gramme grammes
mass 1 kg kilogram kilograms kilo kilos
mass 1000 tonne tonnes ton tons
mass 0.45359237 lb lbs pound pounds
mass 0.0283495 oz ounce ounces
mass 6.35029 stone stones
time 0.001 ms millisecond milliseconds
time 1 s sec secs second seconds
time 60 min mins minute minutes
time 3600 h hr hrs hour hours
time 86400 day days
time 604800 week weeks
time 2629800 month months
time 31557600 yr yrs year years
time 315576000 decade decades
time 3155760000 century centuries
time 31557600000 millennium millennia
volume 0.001 ml millilitre millilitres milliliter milliliters
volume 0.01 cl centilitre centilitres
volume 1 l litre litres liter liters
volume 3.78541 gal gallon gallons
volume 0.473176 pint pints
volume 0.24 cup cups
power 1 w watt watts
power 1000 kw kilowatt kilowatts
power 1e6 mw megawatt megawatts
power 745.7 hp horsepower
energy 1 j joule joules
energy 1000 kj kilojoule kilojoules
energy 4184 kcal kilocalorie kilocalories calorie calories
energy 3.6e6 kwh
data 1 byte bytes
data 1e3 kb kilobyte kilobytes
data 1e6 mb megabyte megabytes
data 1e9 gb gigabyte gigabytes
data 1e12 tb terabyte terabytes
frequency 1 hz hertz
frequency 1e3 khz kilohertz
frequency 1e6 mhz megahertz
frequency 1e9 ghz gigahertz
area 10000 ha hectare hectares
area 4046.86 acre acres
voltage 1 v volt volts
current 1 amp amps ampere amperes
ratio 0.01 % percent percentage
ratio 0.01 pct
times 1 times fold
speed 0.277778 kph kmh km/h
speed 0.44704 mph
speed 1 m/s
speed 1000 km/s
speed 0.514444 knot knots
money:USD 1 usd dollar dollars $ us$
money:USD 0.01 cent cents
money:GBP 1 gbp £ sterling quid
money:EUR 1 eur euro euros €
money:JPY 1 jpy yen ¥
money:INR 1 inr rupee rupees ₹
money:CHF 1 chf
money:CAD 1 cad
money:AUD 1 aud
money:CNY 1 cny yuan rmb
money:SEK 1 sek
"""


@cache
def unit_table() -> dict[str, tuple[str, float]]:
    table: dict[str, tuple[str, float]] = {}
    for line in _UNITS.strip().splitlines():
        dimension, factor, *names = line.split()
        for name in names:
            table[name] = (dimension, float(factor))
    return table


ONLY_AFTER_DIGITS = word_set("m s h l w j v g in. min sec au")

CASE_MATTERS = {"MW": ("power", 1e6), "mW": ("power", 1e-3), "M": ("", 1.0), "Mt": ("", 1.0)}
