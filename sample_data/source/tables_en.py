"""English fact tables and templates; `rows(rng)` turns them into training rows in the house style (see README.md)."""

from near import Seen, row_text

# name | capital | continent | currency
COUNTRIES = """
Kenya|Nairobi|Africa|Kenyan shilling
Egypt|Cairo|Africa|Egyptian pound
Morocco|Rabat|Africa|Moroccan dirham
Ghana|Accra|Africa|Ghanaian cedi
Ethiopia|Addis Ababa|Africa|Ethiopian birr
Senegal|Dakar|Africa|West African CFA franc
Zambia|Lusaka|Africa|Zambian kwacha
Namibia|Windhoek|Africa|Namibian dollar
Uganda|Kampala|Africa|Ugandan shilling
Tunisia|Tunis|Africa|Tunisian dinar
France|Paris|Europe|euro
Portugal|Lisbon|Europe|euro
Norway|Oslo|Europe|Norwegian krone
Poland|Warsaw|Europe|Polish zloty
Hungary|Budapest|Europe|Hungarian forint
Iceland|Reykjavik|Europe|Icelandic krona
Ireland|Dublin|Europe|euro
Greece|Athens|Europe|euro
Finland|Helsinki|Europe|euro
Romania|Bucharest|Europe|Romanian leu
Albania|Tirana|Europe|Albanian lek
Japan|Tokyo|Asia|Japanese yen
Thailand|Bangkok|Asia|Thai baht
Vietnam|Hanoi|Asia|Vietnamese dong
Nepal|Kathmandu|Asia|Nepalese rupee
Mongolia|Ulaanbaatar|Asia|Mongolian tugrik
Jordan|Amman|Asia|Jordanian dinar
South Korea|Seoul|Asia|South Korean won
Bangladesh|Dhaka|Asia|Bangladeshi taka
Laos|Vientiane|Asia|Lao kip
Uzbekistan|Tashkent|Asia|Uzbek sum
Canada|Ottawa|North America|Canadian dollar
Mexico|Mexico City|North America|Mexican peso
Cuba|Havana|North America|Cuban peso
Jamaica|Kingston|North America|Jamaican dollar
Costa Rica|San José|North America|Costa Rican colón
Brazil|Brasília|South America|Brazilian real
Peru|Lima|South America|Peruvian sol
Chile|Santiago|South America|Chilean peso
Uruguay|Montevideo|South America|Uruguayan peso
Colombia|Bogotá|South America|Colombian peso
Paraguay|Asunción|South America|Paraguayan guaraní
Australia|Canberra|Oceania|Australian dollar
New Zealand|Wellington|Oceania|New Zealand dollar
Fiji|Suva|Oceania|Fijian dollar
"""

# name | symbol | atomic number | kind | what it is like | what it is used for
ELEMENTS = """
hydrogen|H|1|Nonmetal|it is the lightest gas of all|fuel cells and making ammonia
helium|He|2|Noble gas|it hardly ever reacts with anything|filling balloons and cooling magnets
lithium|Li|3|Metal|it is soft, shiny and conducts electricity|rechargeable batteries
carbon|C|6|Nonmetal|it forms brittle graphite and hard diamond|pencils, steel and filters
nitrogen|N|7|Nonmetal|it is a gas that makes up most of the air|fertilisers and keeping food fresh
oxygen|O|8|Nonmetal|it is a gas that supports burning|breathing masks and cutting steel
neon|Ne|10|Noble gas|it is inert and glows red in a tube|bright advertising signs
sodium|Na|11|Metal|it is soft, shiny and forms positive ions|street lamps and table salt
magnesium|Mg|12|Metal|it is light, shiny and burns with a white flame|light alloys and flares
aluminium|Al|13|Metal|it is light, bendable and conducts heat well|cans, foil and aircraft
phosphorus|P|15|Nonmetal|it forms white and red solids that do not conduct|fertilisers and match boxes
sulfur|S|16|Nonmetal|it is a brittle yellow solid that does not conduct|rubber and sulfuric acid
chlorine|Cl|17|Nonmetal|it is a sharp-smelling green gas|cleaning water in pools
argon|Ar|18|Noble gas|it stays unreactive even when very hot|shielding metal during welding
potassium|K|19|Metal|it is so soft that a knife can cut its shiny surface|fertilisers for fields
calcium|Ca|20|Metal|it is greyish, shiny when cut and forms positive ions|cement and healthy bones
titanium|Ti|22|Metal|it is strong, light and resists rust|aircraft parts and artificial hips
iron|Fe|26|Metal|it is magnetic and conducts electricity|steel beams and tools
nickel|Ni|28|Metal|it is shiny, hard and magnetic|coins and stainless steel
copper|Cu|29|Metal|it is reddish and conducts electricity very well|cables and water pipes
zinc|Zn|30|Metal|it is bluish, shiny and conducts heat|protecting steel from rust
bromine|Br|35|Nonmetal|it is a brown liquid at room temperature|making flame retardants
krypton|Kr|36|Noble gas|it has a full outer shell and barely reacts|some camera flashes and lamps
silver|Ag|47|Metal|it conducts electricity better than any other element|jewellery and mirrors
tin|Sn|50|Metal|it is soft, silvery and melts easily|solder and coating cans
iodine|I|53|Nonmetal|it forms dark crystals that give off violet vapour|disinfecting skin
xenon|Xe|54|Noble gas|it is heavy, colourless and nearly inert|bright car and cinema lamps
tungsten|W|74|Metal|it has the highest melting point of all metals|old light bulb threads and drills
gold|Au|79|Metal|it is yellow, bendable and never rusts|jewellery and fine contacts
mercury|Hg|80|Metal|it conducts electricity although it is liquid at room temperature|old thermometers
lead|Pb|82|Metal|it is heavy, soft and bendable|car batteries and radiation shields
"""

# plural name | class | where it lives | what it eats | a trait that tells its class
ANIMALS = """
Otters|Mammal|along rivers and rocky coasts|fish and crabs|they have thick fur and suckle their young
Kestrels|Bird|over open fields and roadsides|mice and large insects|they have feathers and lay hard-shelled eggs
Salmon|Fish|in cold rivers and the northern seas|insects and smaller fish|they breathe through gills and swim with fins
Geckos|Reptile|on warm walls and tree trunks|moths and crickets|they have dry scales and lay eggs on land
Tree frogs|Amphibian|in damp woods near ponds|flies and spiders|they start as tadpoles and have moist skin
Ladybirds|Insect|on garden plants|aphids|they have six legs and hard wing cases
Hedgehogs|Mammal|in gardens and hedges|beetles and worms|they are warm-blooded and suckle their young
Puffins|Bird|on sea cliffs in the north|sand eels and herring|they have feathers and bright beaks
Tuna|Fish|in the open ocean|squid and mackerel|they have gills and fins
Tortoises|Reptile|in dry grassland|leaves and flowers|they have scales and a bony shell
Newts|Amphibian|in ponds and under wet logs|slugs and small worms|they hatch in water with gills and later breathe air
Honeybees|Insect|in hives and hollow trees|nectar and pollen|they have six legs and two pairs of wings
Koalas|Mammal|in eucalyptus forests|eucalyptus leaves|they carry their young in a pouch and give milk
Barn owls|Bird|in old barns and church towers|voles and shrews|they have feathers and lay eggs
Seahorses|Fish|among sea grass in shallow water|tiny shrimps|they breathe through gills and have small fins
Chameleons|Reptile|in forests and bushland|crickets and locusts|they have scaly skin and depend on the sun for warmth
Salamanders|Amphibian|in cool forest streams|snails and insects|they have moist skin and most begin life in water
Dragonflies|Insect|beside lakes and slow streams|mosquitoes and midges|they have six legs and four clear wings
Giraffes|Mammal|on the African savanna|acacia leaves|they have hair and feed their calves with milk
Emperor penguins|Bird|on the ice of Antarctica|fish, krill and squid|they have feathers although they cannot fly
Trout|Fish|in clear mountain streams|mayflies and small fish|they have gills, fins and a backbone
Rattlesnakes|Reptile|in deserts and rocky hills|mice and lizards|they have scales and depend on outside warmth
Toads|Amphibian|in gardens and damp meadows|slugs and beetles|they lay strings of eggs in water and start as tadpoles
Ants|Insect|in nests under soil and stones|seeds, honeydew and other insects|they have six legs and a body of three parts
Bats|Mammal|in caves, attics and hollow trees|moths or fruit|they have fur and suckle their young although they fly
Flamingos|Bird|in shallow salt lakes|algae and small shrimps|they have pink feathers and lay one egg
Sharks|Fish|in seas all over the world|fish, seals or plankton|they breathe through gills although their skeleton is cartilage
Crocodiles|Reptile|in warm rivers and swamps|fish, birds and mammals|they have scaly plates and lay eggs on land
Whales|Mammal|in every ocean|krill, fish or squid|they breathe air with lungs and suckle their calves
Butterflies|Insect|in meadows and gardens|nectar from flowers|they have six legs and grow from caterpillars
Squirrels|Mammal|in woods and city parks|nuts, seeds and buds|they have fur and suckle their young in a nest
Storks|Bird|near wet meadows and villages|frogs, mice and worms|they have feathers and long beaks
Eels|Fish|in rivers and later in the Atlantic|worms, snails and fish|they breathe through gills although they look like snakes
Iguanas|Reptile|in tropical forests|leaves, buds and fruit|they have scales and lay their eggs in warm soil
Grasshoppers|Insect|in dry, sunny grass|grass and herbs|they have six legs and strong hind legs for jumping
Beavers|Mammal|along streams that they dam|bark, twigs and water plants|they have dense fur and give milk
"""

# thing | inventor | year | place | what it changed
INVENTIONS = """
the telephone|Alexander Graham Bell|1876|Boston|voices could travel along a wire
dynamite|Alfred Nobel|1867|northern Germany|mining and tunnel building became faster
the World Wide Web|Tim Berners-Lee|1989|Geneva|documents could be linked across the world
the electric battery|Alessandro Volta|1800|northern Italy|a steady electric current became available
the steam locomotive|Richard Trevithick|1804|Wales|loads could be pulled along rails without horses
the safety lift|Elisha Otis|1853|New York|tall buildings became practical
the raised-dot alphabet|Louis Braille|1824|Paris|blind people could read with their fingers
the mercury barometer|Evangelista Torricelli|1643|Florence|air pressure could be measured
the hot-air balloon|the Montgolfier brothers|1783|France|people could leave the ground
the stethoscope|René Laennec|1816|Paris|doctors could hear heart and lungs clearly
vulcanised rubber|Charles Goodyear|1839|Massachusetts|rubber stayed firm in heat and cold
the motor car|Karl Benz|1885|Mannheim|people could travel by road without horses
the diesel engine|Rudolf Diesel|1893|Germany|heavy machines ran on less fuel
the powered aeroplane|the Wright brothers|1903|North Carolina|controlled flight became possible
the ballpoint pen|László Bíró|1938|Budapest|people could write without ink stains
the jet engine|Frank Whittle|1930|England|aeroplanes could fly higher and faster
the flat-key Yale lock|Linus Yale Junior|1861|the United States|small flat keys replaced heavy ones
the instant camera|Edwin Land|1948|Boston|photographs could be seen within a minute
the vacuum flask|James Dewar|1892|London|liquids stayed cold or hot for hours
the smallpox vaccine|Edward Jenner|1796|Gloucestershire|a deadly disease could be prevented
radio telegraphy|Guglielmo Marconi|1895|Bologna|messages could be sent without wires
the pendulum clock|Christiaan Huygens|1656|The Hague|clocks became accurate to seconds a day
the sewing machine with a lockstitch|Elias Howe|1846|Massachusetts|clothes could be sewn far faster
the dishwasher|Josephine Cochrane|1886|Illinois|plates could be cleaned without scrubbing
"""

# word | opposite | example with the opposite
ANTONYMS = """
brave|cowardly|The cowardly knight hid in the barn
generous|stingy|A stingy host serves thin soup
ancient|modern|Modern trains need no steam
scarce|plentiful|Apples are plentiful in autumn
rough|smooth|Pebbles grow smooth in the stream
expand|shrink|Wool can shrink in hot water
arrive|depart|Ferries depart at noon
hollow|solid|The statue is solid bronze
cheerful|gloomy|A gloomy sky hung over the bay
victory|defeat|They took the defeat with grace
permanent|temporary|The bridge is only temporary
shallow|deep|The lake is deep near the cliff
humble|arrogant|An arrogant guest never says thanks
transparent|opaque|Opaque glass hides the room
borrow|lend|Neighbours lend each other ladders
rare|common|Sparrows are common in towns
flexible|rigid|A rigid plan breaks first
silent|noisy|The noisy geese woke the farm
innocent|guilty|The guilty dog hid its nose
frozen|thawed|The thawed path turned to mud
vertical|horizontal|The horizon is horizontal
sweet|bitter|Dark chocolate tastes bitter
attract|repel|Equal magnetic poles repel
accept|refuse|You may refuse the offer
increase|decrease|Sales decrease after the holidays
friend|enemy|The cat sees the vacuum as an enemy
inner|outer|The outer wall is older
patient|impatient|Impatient cooks burn the onions
"""

# what it does | code | remark
CODE = """
adds up the numbers in a list|`sum(numbers)`|sum works on any iterable of numbers
counts how often each word occurs|`collections.Counter(text.split())`|a Counter is a dictionary of counts
reverses a string|`text[::-1]`|a step of minus one walks backwards
removes repeated items but keeps their order|`list(dict.fromkeys(items))`|dictionary keys keep insertion order
finds the longest word|`max(words, key=len)`|key decides what is compared
joins words with commas|`", ".join(words)`|join belongs to the separator
sorts names without regard to case|`sorted(names, key=str.casefold)`|casefold handles more alphabets than lower
checks whether a number is even|`n % 2 == 0`|the remainder of an even number is zero
turns a text into an integer|`int(text)`|bad input raises ValueError
rounds a price to two decimals|`round(price, 2)`|use decimal for money that must be exact
pairs names with scores|`zip(names, scores)`|zip stops at the shorter list
numbers the items of a loop from one|`enumerate(items, start=1)`|enumerate spares a counter variable
keeps only positive values|`[x for x in values if x > 0]`|a comprehension reads like a sentence
swaps two variables|`a, b = b, a`|the right side is evaluated first
finds shared elements of two sets|`left & right`|the ampersand means intersection
reads a JSON file|`json.load(file)`|load takes a file, loads takes a text
gets a value or a default from a dictionary|`settings.get("port", 8080)`|get never raises KeyError
makes a folder if it is missing|`Path("out").mkdir(parents=True, exist_ok=True)`|exist_ok avoids an error on the second run
tells whether any test failed|`any(not ok for ok in results)`|any stops at the first true value
measures elapsed time|`time.perf_counter()`|subtract two readings to get seconds
picks a random card|`random.choice(cards)`|set a seed to repeat the draw
splits a line at tabs|`line.split("\\t")`|strip the newline before you split
gets the last three items|`items[-3:]`|negative indices count from the end
squares every number|`[n ** 2 for n in numbers]`|two asterisks mean power
trims spaces on both sides|`text.strip()`|strip returns a new string
lists all CSV files in a folder|`sorted(Path("data").glob("*.csv"))`|sort because glob gives no fixed order
formats a number with thousands separators|`f"{n:,}"`|format rules follow the colon
"""

# larger unit, smaller unit, factor, where it is met
UNITS = [
    ("kilometres", "metres", 1000, "road signs"),
    ("hours", "minutes", 60, "timetables"),
    ("kilograms", "grams", 1000, "recipes"),
    ("days", "hours", 24, "work plans"),
    ("weeks", "days", 7, "calendars"),
    ("litres", "millilitres", 1000, "kitchen jugs"),
    ("feet", "inches", 12, "carpentry"),
    ("dozens", "pieces", 12, "egg boxes"),
    ("centuries", "years", 100, "history books"),
    ("minutes", "seconds", 60, "stopwatches"),
    ("metres", "centimetres", 100, "sewing patterns"),
    ("tonnes", "kilograms", 1000, "lorry weights"),
    ("yards", "feet", 3, "football fields"),
    ("bytes", "bits", 8, "computer memory"),
    ("hectares", "square metres", 10000, "farm maps"),
    ("decades", "years", 10, "biographies"),
]

# domain | praise (part: clause) | blame (part: clause)
REVIEWS = {
    "restaurant": (
        [
            ("soup", "the soup was rich and hot"),
            ("service", "the waiters were quick and kind"),
            ("bread", "warm bread came at once"),
            ("prices", "we paid less than we feared"),
        ],
        [
            ("fish", "the fish was dry as paper"),
            ("noise", "we had to shout over the music"),
            ("waiting time", "we waited an hour for water"),
            ("bill", "the bill held two dishes that we never had"),
        ],
    ),
    "hotel": (
        [
            ("view", "our window looked straight onto the lake"),
            ("breakfast", "breakfast offered fruit, eggs and fresh rolls"),
            ("bed", "I have never slept in a better bed"),
            ("staff", "reception found us a late bus with a smile"),
        ],
        [
            ("shower", "the shower gave only cold drops"),
            ("smell", "the corridor smelled of old smoke"),
            ("walls", "through thin walls we heard every cough"),
            ("wifi", "wifi dropped out each evening"),
        ],
    ),
    "novel": (
        [
            ("plot", "the plot surprised me until the last page"),
            ("heroine", "its heroine is funny and stubborn"),
            ("language", "every sentence sings"),
            ("setting", "one can almost smell the old harbour"),
        ],
        [
            ("ending", "the ending explains nothing at all"),
            ("length", "two hundred pages could go"),
            ("dialogue", "people talk like instruction leaflets"),
            ("villain", "its villain is plain cardboard"),
        ],
    ),
    "phone": (
        [
            ("battery", "the battery lasts two full days"),
            ("camera", "night photos come out sharp"),
            ("screen", "I can read the screen in full sun"),
            ("weight", "it is pleasantly light"),
        ],
        [
            ("speaker", "the speaker rattles at half volume"),
            ("heat", "it gets too hot to hold in games"),
            ("charger", "its charger broke in a week"),
            ("buttons", "one button sticks since day two"),
        ],
    ),
    "film": (
        [
            ("acting", "the two leads act superbly"),
            ("music", "its music stayed with me for days"),
            ("pictures", "each shot looks like a painting"),
            ("jokes", "our whole row cried with laughter"),
        ],
        [
            ("pace", "the first hour crawls"),
            ("story", "nobody could tell what the story was about"),
            ("effects", "the monsters look like wet socks"),
            ("sound", "half of the words are drowned by drums"),
        ],
    ),
    "course": (
        [
            ("teacher", "the teacher explains hard things in plain words"),
            ("exercises", "short exercises follow each lesson"),
            ("examples", "all examples come from real projects"),
            ("pace", "nobody was left behind"),
        ],
        [
            ("slides", "slides were full of tiny print"),
            ("answers", "questions in the forum stayed unanswered"),
            ("fee", "the fee is far too high for four evenings"),
            ("organisation", "rooms changed without notice"),
        ],
    ),
}

REVIEW_TOPICS = {
    "restaurant": "cooking",
    "hotel": "travel",
    "novel": "culture",
    "phone": "money",
    "film": "culture",
    "course": "language",
}

# word in a sentence | part of speech | reason
WORDS = """
The river runs QUICKLY after rain.|Adverb|it says how the river runs
A SILVER spoon lay on the table.|Adjective|it describes the spoon
They CLIMBED the hill before noon.|Verb|it names what they did
Her HONESTY surprised the judge.|Noun|it names a quality
We waited BEHIND the old theatre.|Preposition|it links the waiting to a place
I would come, BUT the bus is late.|Conjunction|it joins two clauses
Nobody believed THEM at first.|Pronoun|it stands for people named before
OUCH, that kettle is hot!|Interjection|it is a short cry of feeling
My uncle SELLS old radios.|Verb|it names an action of the uncle
The soup tastes STRANGE today.|Adjective|it describes the soup after a linking verb
She OFTEN forgets her gloves.|Adverb|it says how frequently it happens
A KANGAROO hopped past the tent.|Noun|it names an animal
The letter lay UNDER a pile of bills.|Preposition|it shows where the letter lay
Give IT back to your brother.|Pronoun|it replaces the name of a thing
You may have tea OR coffee.|Conjunction|it joins two choices
The children BUILT a raft from barrels.|Verb|it tells the deed of the children
"""


def names(block: str) -> list[str]:
    return [name.strip() for name in block.split("|")]


NAMES = names("""
Maya Lund | Tom Becker | Aisha Rahman | Diego Torres | Hana Sato | Peter Novak | Chloe Martin | Samir Khan |
Ines Costa | Olga Petrova | Liam Byrne | Ngozi Eze | Erik Holm | Rosa Vidal | Yusuf Demir | Clara Weiss
""")
CITIES = names("""
Bristol | Utrecht | Ghent | Turin | Cork | Malmö | Porto | Graz | Basel | Nantes | Tartu | Leeds | Bergen |
Verona | Halifax | Denver
""")
GOODS = names("""
garden chairs | wool blankets | desk lamps | coffee mugs | bicycle bells | paper lanterns | oak shelves |
tea towels | rain boots | wall clocks | picture frames | clay pots | chess sets | travel adapters
""")
TOWNS = names("""
Millbrook | Eastvale | Harrow Bay | Pinewood | Stonebridge | Larkfield | Redcliff | Willowford | Ashby |
Northmere | Fairhaven | Cold Spring | Greenhill | Saltmarsh | Oakdale | Westport
""")
DAYS = names("""
Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday
""")
MONTHS = names("""
January | February | March | April | May | June | July | August | September | October | November | December
""")
EVENTS = names("""
a poetry evening | a seed swap | a choir concert | a chess tournament | a repair workshop | a film night |
a baking contest | a bird walk | a first aid class | a book fair | a pottery class | a night run
""")
PLACES = names("""
the town hall | the old mill | the school gym | the river café | the public library | the fire station |
the botanical garden | the market square | the harbour office | the youth club
""")
COLOURS = names("""
grey | brown | black | white | ginger | spotted | cream | striped
""")
PETS = names("""
cat | terrier | parrot | rabbit | tortoise | spaniel | hamster | ferret
""")
JOBS = names("""
gardener | nurse | bus driver | pastry cook | night porter | bookkeeper | web designer | electrician |
librarian | lab assistant | tailor | swimming teacher
""")

# what opens | its parts | what people can do there
OPENINGS = """
library|three reading rooms|borrow tools as well as books
swimming pool|six lanes|swim before work from six in the morning
bicycle bridge|two separate lanes|cross the river without meeting cars
health centre|nine treatment rooms|see a doctor without a long drive
science museum|forty hands-on exhibits|build small robots at weekends
market hall|twenty-five stalls|buy fish and vegetables all week
youth theatre|two hundred seats|watch plays written by pupils
skate park|four concrete bowls|take free lessons on Sundays
train station|three platforms|reach the coast in half an hour
community garden|eighty small plots|grow vegetables side by side
music school|twelve practice rooms|hire instruments at a low price
animal shelter|fifty kennels|adopt dogs on weekday afternoons
ice rink|a heated café|skate from October to March
planetarium|a dome of twelve metres|watch the southern sky on Fridays
"""

# problem | plan | good effect | drawback or open question  (each a clause)
PROJECTS = """
cars blocked the school gate every morning|close the street for half an hour before lessons|pupils now walk the last stretch in safety|some parents complain about the detour
the river flooded cellars twice in a year|plant willows and dig a basin upstream|last month's heavy rain did no damage|one farmer lost part of a field
many flats above the shops stood empty|pay owners who repair and rent them out|thirty families have moved in|the fund is nearly used up
buses were late because of roadworks|give buses their own lane|trips now take nine minutes less|drivers of cars wait longer at one crossing
the park was dark and few dared to cross it|set up lamps that react to movement|evening visits have doubled|moths are still drawn to the light
litter gathered on the beach after each weekend|hand out free bags at the car parks|volunteers collect half as much as before|the bags themselves sometimes blow away
old people felt alone in winter|open a warm room with tea and games|sixty guests come every week|helpers are hard to find on Fridays
the town hall's heating bill kept rising|cover the roof with solar panels|the bill fell by a third|storage for the night is still missing
shops lost customers to the new mall|make parking free for the first hour|sales in the centre grew again|cyclists ask for their share of space
dogs frightened birds on the marsh|fence off the nesting area from March to July|twice as many chicks survived|dog owners want a path of their own
pupils forgot much over the long summer|offer a reading club in the open pool|most members read five books or more|older pupils rarely join
the well water tasted of iron|build a new filter house|tests now find almost no iron|water costs rise slightly
noise from deliveries woke people at five|allow lorries only after seven|complaints fell from ninety to eleven|bakers must start with less flour in stock
the clinic had too few nurses|train local school leavers for two years|eleven of twelve stayed in town|the course needs a larger room
"""

# who | what they tried | what they found | caution
STUDIES = """
office workers|a walk of fifteen minutes after lunch|they felt less tired at four o'clock|the test lasted only a month
schoolchildren|starting lessons an hour later|they slept longer and made fewer spelling mistakes|bus plans would have to change
night nurses|bright lamps during the first half of the shift|they made fewer slips with records|some had headaches
home gardeners|compost tea instead of mineral fertiliser|their tomatoes were fewer but larger|the summer was unusually wet
retired people|learning five foreign words a day|they remembered shopping lists better|the group was small
bus drivers|breathing exercises at red lights|their blood pressure fell slightly|nobody knows how long it lasts
young runners|running slowly four days out of five|they were injured less often|race times stayed the same
dairy farmers|playing quiet music during milking|cows gave a little more milk|only two barns took part
library visitors|a silent hour every morning|more of them stayed to read|families felt less welcome
new drivers|an app that blocks messages|they braked hard less often|some of them switched it off
choir singers|rehearsing while standing in a circle|they kept the pitch better|large choirs lack the space
bakers|letting the dough rest overnight|customers preferred the taste|it needs more room in the fridge
call centre staff|choosing their own breaks|fewer of them quit within a year|planning became harder for managers
hospital patients|rooms with a view of trees|they went home a day sooner|the rooms differed in size as well
"""

# thing | adjective | verb phrase | sound or touch | place
THINGS = """
a lantern|small|keeps the dark at arm's length|a soft hiss of oil|on the back step
an old bicycle|rusty|dreams of long downhill roads|the tick of a loose chain|behind the shed
the tide|patient|returns whatever it borrowed|pebbles rolling home|under the pier
a sparrow|round|argues with the gutter|quick feet on tin|above the bakery
a train at night|long|pulls its lit windows across the fields|iron humming on iron|past the last farm
the teapot|cracked|pours stories along with the steam|a lid that rattles|between two friends
a snowflake|brief|tries on every shape but one|almost no sound|on a woollen sleeve
the market|loud|sells the morning by the pound|coins and laughter|beneath striped awnings
a violin|thin|remembers the forest it came from|a long low note|in the attic
the mountain|slow|counts in thousands of years|wind over stone|beyond the village
a kite|red|pulls the sky down a little|paper flapping hard|over the dunes
the clock tower|tall|scolds late lovers kindly|one bronze stroke|across the square
a suitcase|worn|smells of places it cannot name|a stiff brass lock|at the foot of the bed
the fox|careful|signs the snow with small prints|a twig that snaps|along the hedge
a candle|steady|lends its flame and loses nothing|wax falling softly|in the window
the orchard|heavy|bows under its own sweetness|apples dropping in grass|beside the lane
a postcard|bent|carries the sea to a city desk|card sliding on tile|under the door
the spider|busy|strings the dew like beads|silk too quiet to hear|between two gateposts
a ferry|broad|stitches one shore to the other|ropes that groan|through the fog
the desert|wide|hides its flowers until it rains|sand whispering on sand|far from any road
a swing|empty|waits for the weight of a child|chains that sing|in the playground
the scarecrow|crooked|befriends the crows it should frighten|straw rustling|amid the barley
a comet|distant|visits once and is talked about for years|silence with a tail|above the rooftops
the baker|floury|wakes the street with warm air|an oven door closing|at four in the morning
a raincoat|yellow|walks through puddles without regret|drops drumming on the hood|down the school road
the library|quiet|holds a thousand voices that wait|pages turning|on the corner
an anchor|dull|loves one spot at a time|chain running out|deep in the bay
the willow|green|washes its hair in the brook|leaves brushing water|by the mill
a thimble|tiny|guards the thumb of a patient woman|metal tapping needle|inside a sewing box
the echo|shy|always lets others speak first|a voice come back|in the gorge
a hammock|lazy|teaches the afternoon to slow down|a creak at each end|between the pines
the north wind|rude|enters without knocking|shutters banging|around the farmhouse
a pocket watch|golden|keeps time for a man long gone|a faint steady tick|in a velvet drawer
the seed|humble|carries a whole tree without bragging|a husk that splits|below the frost
a rowing boat|leaky|forgives its captain twice a day|oars dipping|among the reeds
the chimney|black|writes grey letters to the clouds|soot trickling down|over the tiled roof
a chessboard|chequered|holds a war that hurts nobody|wood set down gently|on a café table
the firefly|bright|asks the dusk a question and blinks|wings too light to hear|in the tall grass
a scarf|striped|remembers every winter it was lent|wool against skin|on the hall hook
the waterfall|tireless|throws itself away and stays|thunder in the mist|behind the ferns
"""

# topic | theme | twelve ideas, over several lines
IDEAS = """
cooking|a picnic without a fridge|
Hard-boiled eggs with salt; Flatbread with hummus; Apples and firm cheese; Nut and raisin mix; Cold lentil salad in
jars; Pickled cucumbers; Oat biscuits; Roasted chickpeas; Peanut butter rolls; Cherry tomatoes with basil; Lemon
water in flasks; Plain crackers with olives

cooking|using up old bread|
Croutons for soup; Bread pudding with raisins; Crumbs for frying fish; Garlic toast; Tomato bread salad; French
toast; Dumplings with parsley; A thick onion soup lid; Stuffing for peppers; Savoury bread bake; Crunchy topping for
pasta; Toast sticks with eggs

cooking|breakfasts that take five minutes|
Yoghurt with oats and berries; Toast with mashed avocado; A banana smoothie; Overnight oats; Cottage cheese on rye;
Egg in a mug; Porridge with cocoa; Apple slices with almond butter; Warm tortilla with beans; Muesli with milk; Rice
cakes with honey; Cheese and pear

health|taking screen breaks|
Set a timer for each hour; Look out of the window; Water the plants; Stretch your neck and wrists; Fill a glass of
water; Walk round the block; Tidy one drawer; Call a friend; Close your eyes for a minute; Do ten squats; Sketch
something nearby; Fold the laundry

health|sleeping better in summer|
Air the room at dawn; Close the curtains by day; Use a thin cotton sheet; Take a lukewarm shower; Eat a light
supper; Put a damp cloth on the neck; Sleep on the lowest floor; Unplug warm devices; Fill a hot-water bottle with
cold water; Wear loose clothes; Drink enough during the day; Place a fan by the door

health|making walks more interesting|
Count kinds of trees; Take a new street each time; Listen to an audiobook; Photograph door numbers; Walk with a
neighbour; Pick up litter; Learn one bird song; Climb every stair you meet; Carry a sketchbook; Visit a far bakery;
Guess the time by the sun; Follow a stream

travel|souvenirs that weigh little|
A pressed flower; Local stamps; A recipe from a cook; A tram ticket; A small jar of spice; A newspaper page; A woven
bookmark; A sound recording; A drawing of the view; A coin from circulation; A cotton scarf; A packet of seeds

travel|passing time at an airport|
Walk to the farthest gate; Write postcards; Learn ten words of the local language; Sort your photographs; Watch
planes from a terrace; Read a short story; Plan the first day; Stretch in a quiet corner; Draw other travellers;
Tidy your bag; Do a crossword; Try a local snack

travel|meeting people when travelling alone|
Join a cooking class; Stay in a small hostel; Sit at the bar of a café; Go to a language exchange; Take a day hike
with a group; Ask locals for a recipe; Visit a board game night; Volunteer for a morning; Share a table at a market;
Sing in an open choir; Take a shared boat trip; Talk to other museum visitors

money|saving electricity at home|
Switch off plug strips at night; Wash clothes at thirty degrees; Use LED lamps; Cover pots while cooking; Dry
laundry on a line; Thaw the freezer every year; Run only full dishwashers; Boil just the water you need; Lower the
screen brightness; Place the fridge away from the oven; Use the oven's leftover heat; Fix a timer to the heater

money|raising funds for a school trip|
Bake and sell waffles; Wash cars on a Saturday; Hold a flea market; Run a sponsored race; Give a small concert; Sell
plants grown in class; Print a photo calendar; Offer to rake leaves; Collect old bottles; Stage a quiz night; Sell
home-made candles; Organise a raffle

money|saving on clothes|
Swap with friends; Learn to darn socks; Buy coats in spring; Visit charity shops; Choose colours that match; Dye
faded shirts; Take hems up yourself; Wash less and air more; Rent a suit; Sell what you never wear; Set a yearly
limit; Wait a week before buying

work|thanking volunteers|
Write a note by hand; Cook a shared dinner; Name them in the newsletter; Give a day off; Bring a cake; Make a photo
wall; Offer a free course; Plant a tree in their honour; Hold a short speech; Invite their families; Send a birthday
card; Give a signed book

work|keeping a home office pleasant|
Put the desk by a window; Keep one plant in view; Hide cables in a box; Use a real chair; Close a door at the end;
Change clothes for work; Play quiet music; Air the room at noon; Keep snacks in the kitchen; Hang a calendar; Use a
warm lamp; Clear the desk every evening

work|making a shop window stand out|
Show one colour only; Tell a story over weeks; Hang things from threads; Let a train run in a circle; Ask children
to paint; Light it warmly at night; Use a giant model; Write a riddle on the glass; Show how a thing is made; Turn
it into a forest; Put a mirror at the back; Count down to an event

nature|helping insects in a garden|
Leave a patch unmown; Build a hotel from hollow stems; Plant native flowers; Avoid poison sprays; Keep some dead
wood; Offer a dish of water with stones; Let herbs bloom; Switch off lights at night; Leave fallen leaves; Sow
clover in the lawn; Grow ivy on a wall; Keep a sandy corner

nature|things to do in a forest|
Build a hut from branches; Listen with closed eyes; Rub bark patterns on paper; Look for animal tracks; Balance on a
fallen trunk; Smell different needles; Make a leaf mandala; Count rings on a stump; Find the oldest tree; Sail bark
boats; Collect cones for crafts; Tell stories on a log

nature|saving water in a garden|
Mulch the beds; Water early in the day; Collect rain in barrels; Plant herbs that like it dry; Water the roots, not
the leaves; Let the lawn turn brown; Use clay pots as drips; Group thirsty plants; Hoe the surface often; Shade
young plants; Fix dripping taps; Add compost to sandy soil

programming|features for a note-taking app|
Search while typing; Tags with colours; Offline mode; Plain text export; Daily reminders; Voice memos; Links between
notes; A dark theme; Checklists; Version history; Shared folders; Keyboard shortcuts

programming|practising code reading|
Trace a small library by hand; Explain a function aloud; Draw the calls as a diagram; Rename unclear variables in a
copy; Guess the tests before reading them; Read one commit a day; Review a friend's project; Compare two sorting
routines; Follow a bug report to its fix; Write missing comments; Rebuild a command from its help; Step through it
in a debugger

programming|data sets to explore as a beginner|
Daily temperatures of your city; Your own music history; Bus departures; Book loans of a library; Football results;
Prices at a market; Counts of birds; Baby names by year; Film ratings; Steps from a phone; Earthquake lists; Recipe
ingredients

language|games for learning vocabulary|
Memory cards with pictures; A word chain; Bingo with verbs; Charades; Twenty questions; A treasure hunt with notes;
Rhyming pairs; Hangman; Odd one out; Story dice; Taboo words; A spelling relay

language|writing prompts for teenagers|
The day the phones fell silent; A letter to your older self; The smell of your first school; A stranger returns your
diary; The rule nobody dares to break; Two friends want the same thing; A city under water; The last summer job; An
apology never sent; A talent you hide; The neighbour's secret door; One hour without gravity

language|names for a choir|
The Early Birds; High Tide Voices; Second Breath; The Open Vowels; Corner Street Choir; Sunday Thunder; The Humming
Lane; Northern Keys; Many Lungs; Kitchen Harmony; The Lost Tenors; Half Past Song

history|objects for a time capsule|
A newspaper of the day; A child's drawing; A price list from the shop; A used phone; A bus timetable; A favourite
recipe; A map of the town; Seeds in a jar; A song on paper; Coins of the year; A letter to the finder; Photographs
of streets

history|bringing a local archive to life|
Tell one find a week online; Invite pupils to read old letters; Map old shop names; Record elderly voices; Show
then-and-now photographs; Cook from old menus; Hold a handwriting class; Print a memory game; Trace family trees;
Act out a court case; Lead an evening walk; Display lost recipes

history|questions to ask grandparents|
What did your street smell like?; Which game did you play most?; Who was your first friend?; What did bread cost?;
How did you travel to school?; What were you afraid of?; Which song was in fashion?; How did you meet?; What did you
earn first?; Which tool do you miss?; What was forbidden?; When did you first phone someone?

science|simple measurements for a class|
Shadow length through the day; Pulse before and after running; Rain in a jar; Speed of a toy car; Weight of dry and
wet sand; Temperature of soil and air; Bounce height of balls; Time for ice to melt; Loudness of the corridor; Swing
time of a pendulum; Growth of cress; Light under different trees

science|topics for a talk about space|
How rockets steer; Life on a space station; The storms of Jupiter; How stars die; Why Mars is red; Moons with hidden
oceans; Telescopes above the air; Space junk; The search for other Earths; Why we see phases; Meteor showers; Clocks
in orbit

science|explaining electricity to children|
Compare it with water in pipes; Light a lamp with a lemon; Make a paper circuit; Rub a balloon on hair; Sort things
that conduct; Build a switch from a clip; Show a bicycle dynamo; Act as electrons in a row; Look at an old bulb;
Make a simple electromagnet; Draw the path from plant to plug; Tell the story of Volta
"""


def parse(block: str) -> list[list[str]]:
    return [line.split("|") for line in block.strip().splitlines()]


def row(category: str, topic: str, instruction: str, context: str, response: str) -> dict:
    return {
        "category": category,
        "topic": topic,
        "lang": "en",
        "instruction": instruction,
        "context": context,
        "response": response,
    }


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def article(noun: str) -> str:
    return f"an {noun}" if noun[0].lower() in "aeio" else f"a {noun}"


def label(name: str, why: str) -> str:
    return f"Label: {name}\nWhy: {why}."


def quoted(answer: str, sentence: str) -> str:
    return f'{upper_first(answer)}.\nFrom the text: "{sentence}"'


def piece(text: str, subject: str) -> str:
    return f"{text}\n— a small piece on {subject}"


def fields(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in pairs)


def pounds(rng) -> str:
    return f"{rng.randrange(2, 48)} pounds"


# ---- Open QA ----------------------------------------------------------------------------------------------------


def capitals(rng):
    asks = [
        "What is the capital of {}?",
        "Which city is the capital of {}?",
        "Name the capital city of {}.",
        "I am filling in a map. What should I write as the capital of {}?",
        "Where does the government of {} have its official capital?",
        "Quiz time: the capital of {} is called what?",
    ]
    replies = [
        "{capital} is the capital of {name}, a country in {continent}.",
        "The capital is {capital}. {name} lies in {continent}.",
        "It is {capital}, where visitors pay in the {currency}.",
        "{capital} is the answer; people there use the {currency}.",
    ]
    for name, capital, continent, currency in parse(COUNTRIES):
        names = {"name": name, "capital": capital, "continent": continent, "currency": currency}
        answer = f"{rng.choice(replies).format(**names)}\nRemember: {name} goes with {capital}."
        yield row("Open QA", "travel", rng.choice(asks).format(name), "", answer)


def element_facts(rng):
    asks = [
        "What is the chemical symbol of {}, and what is the element used for?",
        "Tell me the symbol and a use of {}.",
        "How is {} written in the periodic table, and where do we meet it?",
        "Give the symbol, the atomic number and one use of {}.",
        "I am learning the elements. What should I know about {}?",
        "Describe the element {} in a sentence or two.",
    ]
    replies = [
        "{Name} has the symbol {symbol} and atomic number {number}; it is used for {use}.",
        "Its symbol is {symbol} and its atomic number {number}. People use it for {use}.",
        "The symbol is {symbol}, number {number} in the table, and {like}. One use: {use}.",
        "{Name} is element {number}, written {symbol}. It serves for {use}.",
    ]
    for name, symbol, number, _, like, use in parse(ELEMENTS):
        names = {"Name": upper_first(name), "symbol": symbol, "number": number, "use": use, "like": like}
        answer = f"{rng.choice(replies).format(**names)}\nRemember: {symbol} stands for {name}."
        yield row("Open QA", "science", rng.choice(asks).format(name), "", answer)


def inventors(rng):
    asks = [
        "Who is known for {}?",
        "Which name belongs to the history of {}, and when?",
        "Tell me who is credited with {} and roughly when.",
        "Whom do history books usually name for {}?",
        "Say in two sentences who gave us {} and why it mattered.",
    ]
    for thing, who, year, _, effect in parse(INVENTIONS):
        body = rng.choice(
            [
                f"{upper_first(who)} is usually credited with {thing}, dated to {year}. After that, {effect}.",
                f"History books usually name {who}, who worked on {thing} around {year}; as a result, {effect}.",
                f"{upper_first(thing)} is linked with {who} and the year {year}. Thanks to it, {effect}.",
            ]
        )
        yield row("Open QA", "history", rng.choice(asks).format(thing), "", f"{body}\nRemember: {who}, {year}.")


def opposites(rng):
    asks = [
        'What is the opposite of "{}"?',
        'Give me an antonym of the word "{}" with an example.',
        'Which English word means the contrary of "{}"?',
        'I need a word that is the reverse of "{}". What fits?',
        "Find the antonym: {}.",
        'How would you say the opposite of "{}", and how is it used?',
    ]
    for word, other, example in parse(ANTONYMS):
        body = f'The opposite is "{other}". Example: {example}.'
        answer = f"{body}\nRemember: {word} and {other} are opposites."
        yield row("Open QA", "language", rng.choice(asks).format(word), "", answer)


def snippets(rng):
    asks = [
        "Which Python expression {}?",
        "Show me Python code that {}.",
        "I want a short piece of Python that {}. What do I write?",
        "In Python, what {}?",
        "Give the Python one-liner that {}.",
        "My script needs a line that {}. How does it look in Python?",
    ]
    for does, code, remark in parse(CODE):
        lead = rng.choice(["Write {}, which {}.", "Use {}; it {}.", "{} is the line that {}."])
        answer = f"{lead.format(code, does)}\nRemember: {remark}."
        yield row("Open QA", "programming", rng.choice(asks).format(does), "", answer)


def conversions(rng):
    asks = [
        "How many {small} are {n} {big}?",
        "Convert {n} {big} into {small}.",
        "I have {n} {big}. What is that in {small}?",
        "{n} {big}: how much is it in {small}?",
        "Please change {n} {big} to {small} and show the sum.",
    ]
    for big, small, factor, where in UNITS * 2:
        n = rng.randrange(3, 20)
        body = f"{n} {big} are {n * factor} {small}, because {n} times {factor} is {n * factor}."
        answer = f"{body}\nRemember: multiply by {factor}, as on {where}."
        yield row("Open QA", "science", rng.choice(asks).format(n=n, big=big, small=small), "", answer)


# ---- Closed QA --------------------------------------------------------------------------------------------------


def animal_passages(rng):
    for name, _, home, food, _ in parse(ANIMALS):
        lower = name.lower()
        first = rng.choice([f"{name} live {home}.", f"You can find {lower} {home}."])
        second = rng.choice([f"They mainly eat {food}.", f"Their food is {food}.", f"They feed on {food}."])
        third = rng.choice(
            [
                "Rangers count them every spring.",
                "A notice asks visitors to keep their distance.",
                "The guide shows drawings of their tracks and nests.",
                "Children may ask questions after the tour.",
            ]
        )
        if rng.random() < 0.5:
            ask = rng.choice(
                [
                    f"What do {lower} eat, according to the text?",
                    f"Which food is named for {lower}?",
                    f"Read the passage: on what do {lower} feed?",
                    f"What is the diet of {lower} here?",
                    f"Name the food of {lower} as told in the text.",
                ]
            )
            yield row("Closed QA", "nature", ask, f"{first} {second} {third}", quoted(f"they eat {food}", second))
        else:
            ask = rng.choice(
                [
                    f"Where do {lower} live, going by the passage?",
                    f"In which places can {lower} be found?",
                    f"What does the text say about the home of {lower}?",
                    f"Name the habitat of {lower}.",
                    f"Where would you look for {lower}?",
                ]
            )
            yield row("Closed QA", "nature", ask, f"{first} {second} {third}", quoted(f"they live {home}", first))


def country_passages(rng):
    for name, capital, _, currency in parse(COUNTRIES):
        guide = rng.choice(NAMES)
        sentences = [
            rng.choice([f"{guide} spent {rng.randrange(2, 9)} weeks in {name}.", f"{guide} wrote a guide to {name}."]),
            rng.choice(
                [f"The trip began in {capital}, the capital.", f"Its capital, {capital}, fills a long chapter."]
            ),
            rng.choice([f"People there pay with the {currency}.", f"Prices are given in the {currency}."]),
        ]
        if rng.random() < 0.5:
            ask = rng.choice(
                [
                    f"How do people pay in {name}?",
                    "Which currency does the passage name?",
                    f"What money is used in {name}, according to the text?",
                    "Name the currency from the text.",
                    f"Which money would a visitor to {name} need?",
                ]
            )
            answer = quoted(f"the currency is the {currency}", sentences[2])
        else:
            ask = rng.choice(
                [
                    "Who travelled or wrote here?",
                    f"Which person is linked with {name} in the passage?",
                    "Name the person in the text.",
                    f"Who knows {name}, going by the passage?",
                    "Whose work or journey is this about?",
                ]
            )
            answer = quoted(f"it is {guide}", sentences[0])
        yield row("Closed QA", "travel", ask, " ".join(sentences), answer)


def opening_passages(rng):
    for what, parts, use in parse(OPENINGS) * 4:
        town, who, day = rng.choice(TOWNS), rng.choice(NAMES), rng.choice(DAYS)
        cost = f"{rng.randrange(11, 95) / 10:.1f} million euros"
        sentences = [
            rng.choice([f"On {day} {town} opened its new {what}.", f"{town} has had a new {what} since {day}."]),
            rng.choice([f"It has {parts} and cost {cost}.", f"With {parts}, it cost {cost}."]),
            rng.choice([f"{who} drew the plans.", f"The architect is {who}.", f"{who} led the building work."]),
            f"People can now {use}.",
        ]
        asks = {
            0: (
                f"it opened on {day}" if sentences[0].startswith("On") else f"it has been open since {day}",
                ["On which day did it open?", f"When was the {what} opened?", "Name the opening day."],
            ),
            1: (
                f"it cost {cost}",
                [f"How much did the {what} cost?", "What was the price of the building?", "State the cost."],
            ),
            2: (
                f"it was {who}",
                ["Who planned or led the building?", f"Whose work is the {what}?", "Name the person behind it."],
            ),
            3: (
                f"people can {use}",
                [
                    f"What can people do at the new {what}?",
                    "What does the place offer people?",
                    "What is possible now?",
                ],
            ),
        }
        which = rng.randrange(4)
        answer, forms = asks[which]
        frame = rng.choice(["{}", "{} Use only the text.", "Read the news item. {}", "{} Answer from the passage."])
        ask = frame.format(rng.choice(forms))
        yield row("Closed QA", "town", ask, " ".join(sentences), quoted(answer, sentences[which]))


# ---- Information Extraction -------------------------------------------------------------------------------------


def orders(rng):
    for _ in range(45):
        name, city, item, n = rng.choice(NAMES), rng.choice(CITIES), rng.choice(GOODS), rng.randrange(2, 40)
        day = rng.choice(DAYS)
        ask = rng.choice(
            [
                "Extract the customer, the goods, the number and the city.",
                "Turn this order into fields: customer, goods, number, city.",
                "List customer, goods, number and city from the message.",
                "Who orders what, how many, and where to? Answer as fields.",
                "Fill in the order form (customer, goods, number, city).",
            ]
        )
        text = rng.choice(
            [
                f"Hello, this is {name} from {city}. Please send me {n} {item} before {day}.",
                f"We need {n} {item} for our office in {city}. The invoice goes to {name}, please, by {day}.",
                f"{name} here. Could your van bring {n} {item} to {city} on {day}? Thank you.",
                f"Order by telephone on {day}: {n} {item}, to be delivered in {city}, customer {name}.",
                f"Dear shop, {item} are what I want, {n} of them. My address is in {city}. Greetings, {name}",
            ]
        )
        answer = fields([("Customer", name), ("Goods", item), ("Number", str(n)), ("City", city)])
        yield row("Information Extraction", "money", ask, text, answer)


def notices(rng):
    for _ in range(45):
        event, place, price = rng.choice(EVENTS), rng.choice(PLACES), pounds(rng)
        date = f"{rng.randrange(1, 29)} {rng.choice(MONTHS)}"
        ask = rng.choice(
            [
                "Extract the event, the place, the date and the price.",
                "Note event, place, date and price.",
                "Make a calendar entry with event, place, date and price.",
                "Pick the event, place, date and price out of the notice.",
                "What, where, when and how much? Answer as fields.",
            ]
        )
        text = rng.choice(
            [
                f"On {date} there will be {event} in {place}. Entry costs {price}, tea included.",
                f"Join us in {place} for {event}! We start on {date} at seven, and tickets are {price}.",
                f"For only {price} you can take part in {event}. It is held on {date}; come to {place}.",
                f"{upper_first(place)} invites all neighbours to {event} on {date}. Please bring {price} in cash.",
                f"Save the date: {date}. There is {event}, this time in {place}, for {price} a head.",
            ]
        )
        event_name = upper_first(event.split(" ", 1)[1])
        answer = fields([("Event", event_name), ("Place", place), ("Date", date), ("Price", price)])
        yield row("Information Extraction", "culture", ask, text, answer)


def invention_notes(rng):
    for thing, who, year, place, effect in parse(INVENTIONS):
        ask = rng.choice(
            [
                "Extract the invention, the person, the year and the place.",
                "List invention, person, year and place.",
                "Pull invention, person, year and place out of the passage.",
                "Write a museum label with invention, person, year and place.",
                "Which invention, person, year and place are named?",
            ]
        )
        text = rng.choice(
            [
                f"The hall is about {thing}. A board names {who}, the place {place} and the year {year}. It adds that {effect}.",
                f"In the year {year}, says the guide, {who} made {thing} known. The story leads to {place}, and soon {effect}.",
                f"Our book links {thing} with {who}. It gives {year} as the year and {place} as the place. Afterwards {effect}.",
            ]
        )
        answer = fields([("Invention", thing.removeprefix("the ")), ("Person", who), ("Year", year), ("Place", place)])
        yield row("Information Extraction", "history", ask, text, answer)


def lost_pets(rng):
    for _ in range(28):
        pet, colour, town, day = rng.choice(PETS), rng.choice(COLOURS), rng.choice(TOWNS), rng.choice(DAYS)
        owner = rng.choice(NAMES)
        ask = rng.choice(
            [
                "Extract the animal, its colour, the place and the owner.",
                "List animal, colour, place and owner.",
                "Make a record of the animal, colour, place and owner.",
                "Fill in animal, colour, place and owner from the note.",
                "Give the animal, colour, place and owner named in the poster.",
            ]
        )
        text = rng.choice(
            [
                f"Lost since {day}: our {colour} {pet}, last seen near the station of {town}. Please call {owner}.",
                f"Has anyone in {town} met a {colour} {pet}? It slipped out on {day}, and {owner} misses it badly.",
                f"{owner} is looking for a {pet}. It is {colour}, a little shy, and ran off in {town} on {day}.",
                f"Reward! The {pet} of {owner} is gone. Colour: {colour}. It may be hiding in {town} since {day}.",
            ]
        )
        answer = fields([("Animal", pet), ("Colour", colour), ("Place", town), ("Owner", owner)])
        yield row("Information Extraction", "nature", ask, text, answer)


def job_ads(rng):
    for _ in range(36):
        job, city, hours, who = rng.choice(JOBS), rng.choice(CITIES), rng.randrange(12, 40), rng.choice(NAMES)
        month = rng.choice(MONTHS)
        ask = rng.choice(
            [
                "Extract the job, the city, the hours and the start.",
                "List job, city, weekly hours and start.",
                "Shorten this advert to job, city, hours and start.",
                "Note the job, city, hours and start month.",
                "Which job, where, how many hours, from when? Answer as fields.",
            ]
        )
        text = rng.choice(
            [
                f"We look for {article(job)} in {city}, {hours} hours a week, from {month}. Write to {who}.",
                f"From {month} a post is free: {job}, {hours} hours weekly, in the heart of {city}. {who} answers questions.",
                f"Are you {article(job)}? Our team in {city} needs you for {hours} hours each week, starting in {month}.",
                f"{who} is hiring! Wanted in {city} as of {month}: {article(job)} for {hours} hours a week.",
            ]
        )
        answer = fields([("Job", job), ("City", city), ("Hours", f"{hours} a week"), ("Start", month)])
        yield row("Information Extraction", "work", ask, text, answer)


# ---- Summarization ----------------------------------------------------------------------------------------------

SUM_ASKS = [
    "Summarize the text in one sentence.",
    "What is this passage about, in short?",
    "Give the gist.",
    "Condense the report to one line.",
    "Sum up the main point for a busy reader.",
    "Write a one-sentence summary.",
    "Shorten this to the essentials.",
]


def project_news(rng):
    for problem, plan, effect, catch in parse(PROJECTS) * 5:
        town, who, n = rng.choice(TOWNS), rng.choice(NAMES), rng.randrange(2, 12)
        text = rng.choice(
            [
                f"For years {problem} in {town}. Then the council decided to {plan}. After {n} months, {effect}. Still, {catch}.",
                f"{upper_first(problem)}, people in {town} said. On the advice of {who}, the town chose to {plan}. Today {effect}, though {catch}.",
                f'"We had to act, since {problem}," says {who}. {town} began to {plan} {n} months ago. So far {effect}. However, {catch}.',
            ]
        )
        short = rng.choice(
            [
                f"{town} chose to {plan}, and {effect}, though {catch}.",
                f"To solve a problem, {town} began to {plan}; {effect}, but {catch}.",
                f"Because {problem}, {town} decided to {plan}, and {effect}.",
            ]
        )
        yield row("Summarization", "town", rng.choice(SUM_ASKS), text, f"In short: {short}")


def study_news(rng):
    for group, tried, found, caution in parse(STUDIES) * 5:
        n, city, who = rng.randrange(24, 400), rng.choice(CITIES), rng.choice(NAMES)
        text = rng.choice(
            [
                f"A team from {city} asked {n} {group} to test {tried}. Compared with others, {found}. The authors warn that {caution}.",
                f"Does it help? {who} studied {tried} with {n} {group} in {city}. The result: {found}. One limit is that {caution}.",
                f"In {city}, {n} {group} took part in a trial of {tried}. {upper_first(found)}, reports {who}. Yet {caution}.",
            ]
        )
        short = rng.choice(
            [
                f"In a trial of {tried} with {group}, {found}, but {caution}.",
                f"{upper_first(group)} tested {tried}; {found}, although {caution}.",
                f"A study from {city} on {tried} showed that {found}.",
            ]
        )
        yield row("Summarization", "health", rng.choice(SUM_ASKS), text, f"In short: {short}")


def opening_news(rng):
    for what, parts, use in parse(OPENINGS) * 5:
        town, who, years = rng.choice(TOWNS), rng.choice(NAMES), rng.randrange(2, 9)
        text = rng.choice(
            [
                f"After {years} years of work, {town} has its {what}. {who} cut the ribbon in the rain. There are {parts}, and people can {use}.",
                f"The wait in {town} is over. A new {what} with {parts} opened this week, {years} years after the vote. {who} hopes many will {use}.",
                f"{who} first asked for {article(what)} {years} years ago. Now it stands in {town}, with {parts}. From today people can {use}.",
            ]
        )
        short = rng.choice(
            [
                f"{town} now has {article(what)} where people can {use}.",
                f"After {years} years, {town} opened {article(what)} with {parts}.",
                f"A new {what} in {town} lets people {use}.",
            ]
        )
        yield row("Summarization", "town", rng.choice(SUM_ASKS), text, f"In short: {short}")


# ---- Brainstorming ----------------------------------------------------------------------------------------------


def ideas(rng):
    asks = [
        "Give me four ideas for {}.",
        "I need inspiration: {}. Suggest four things.",
        "What comes to mind for {}? Four points, please.",
        "Brainstorm about {}.",
        "List four suggestions on the subject of {}.",
        "Help me with {}; four short ideas will do.",
        "Four fresh thoughts on {}, please.",
    ]
    for block in IDEAS.strip().split("\n\n"):
        topic, theme, items = block.replace("\n", " ").split("|")
        pool = [item.strip() for item in items.split(";")]
        rng.shuffle(pool)
        forms = rng.sample(asks, 4)
        groups = [pool[0:4], pool[4:8], pool[8:12], [pool[0], pool[5], pool[9], pool[3]]]
        for form, group in zip(forms, groups, strict=True):
            yield row("Brainstorming", topic, form.format(theme), "", "\n".join(f"- {item}" for item in group))


# ---- Classification ---------------------------------------------------------------------------------------------


def reviews(rng):
    asks = [
        "Is this {} review positive, negative or mixed?",
        "Label the sentiment of the {} review: positive, negative or mixed.",
        "How does the writer feel about the {}: positive, negative or mixed?",
        "Sort this {} review into positive, negative or mixed.",
        "Positive, negative or mixed? A customer writes about a {}.",
    ]
    joins = ["{a}, and {b}.", "{a}. Besides, {b}.", "{a}; also, {b}."]
    for domain, (good, bad) in REVIEWS.items():
        for i in range(4):
            for kind in ("Positive", "Negative", "Mixed"):
                first = good[i] if kind != "Negative" else bad[i]
                other = good if kind == "Positive" else bad
                second = other[(i + 1) % 4]
                form = rng.choice(joins) if kind != "Mixed" else rng.choice(["{a}, but {b}.", "{a}. Sadly, {b}."])
                text = upper_first(form.format(a=first[1], b=second[1]))
                verb = {
                    "Positive": f"it praises the {first[0]} and the {second[0]}",
                    "Negative": f"it blames the {first[0]} and the {second[0]}",
                    "Mixed": f"it praises the {first[0]} but blames the {second[0]}",
                }[kind]
                yield row(
                    "Classification", REVIEW_TOPICS[domain], rng.choice(asks).format(domain), text, label(kind, verb)
                )


def animal_classes(rng):
    asks = [
        "To which class of animals does it belong: mammal, bird, fish, reptile, amphibian or insect?",
        "Classify the animal as mammal, bird, fish, reptile, amphibian or insect.",
        "Mammal, bird, fish, reptile, amphibian or insect?",
        "Which label fits: mammal, bird, fish, reptile, amphibian, insect?",
        "Sort the animal into mammal, bird, fish, reptile, amphibian or insect.",
    ]
    for name, kind, home, food, trait in parse(ANIMALS):
        text = rng.choice([f"{name}, which live {home}", f"{name}, which eat {food}", name])
        yield row("Classification", "nature", rng.choice(asks), text, label(kind, trait))


def element_kinds(rng):
    asks = [
        "Metal, nonmetal or noble gas?",
        "Classify the element as metal, nonmetal or noble gas.",
        "Which group fits this element: metal, nonmetal or noble gas?",
        "Decide between metal, nonmetal and noble gas.",
        "Put this element under metal, nonmetal or noble gas.",
    ]
    for name, symbol, _, kind, like, use in parse(ELEMENTS):
        text = rng.choice([f"{upper_first(name)} ({symbol})", f"{upper_first(name)}, used for {use}"])
        yield row("Classification", "science", rng.choice(asks), text, label(kind, like))


def word_classes(rng):
    asks = [
        "Which part of speech is the word in capitals?",
        "Name the word class of the capitalised word.",
        "What kind of word stands in capital letters?",
        "Tell the grammatical class of the word in capitals.",
        "Tag the capitalised word with its part of speech.",
    ]
    for sentence, kind, why in parse(WORDS):
        yield row("Classification", "language", rng.choice(asks), sentence, label(kind, why))


# ---- Creative Writing -------------------------------------------------------------------------------------------


def verses(rng):
    asks = [
        "Write a short poem about {}.",
        "Write a few poetic lines on {}.",
        "Compose a small free verse about {}.",
        "Give me a tender little poem on {}.",
        "Put {} into three lines of poetry.",
    ]
    for thing, adjective, does, sound, place in parse(THINGS):
        text = rng.choice(
            [
                f"{upper_first(place)}, {adjective} and alone,\n{thing} {does}.\nListen: {sound}.",
                f"{upper_first(sound)},\nand there, {place}, so {adjective},\n{thing} {does}.",
                f"{upper_first(thing)} {does},\n{place}, {adjective} as ever;\n{sound}, then peace.",
            ]
        )
        yield row("Creative Writing", "nature", rng.choice(asks).format(thing), "", piece(text, thing))


def tales(rng):
    asks = [
        "Tell a very short story with {}.",
        "Write a three-sentence tale in which {} matters.",
        "Invent a tiny story around {}.",
        "Write a miniature about {} and a person.",
        "Make up a bedtime story about {}, very brief.",
    ]
    for thing, adjective, does, sound, place in parse(THINGS):
        who, town = rng.choice(NAMES).split()[0], rng.choice(TOWNS)
        text = rng.choice(
            [
                f"{who} left {town} to forget. But {place} there was {thing} that {does}. After that evening {who} stayed.",
                f'"Do you hear it?" asked {who}. {upper_first(sound)}, nothing more. In {town} they still say that {thing} {does}.',
                f"Nobody in {town} noticed {thing}, so {adjective} it was. Only {who} knew that it {does}, and told no one.",
                f"Once {who} followed a sound: {sound}. It led {place}, to something {adjective}. There, {thing} {does}.",
            ]
        )
        yield row("Creative Writing", "town", rng.choice(asks).format(thing), "", piece(text, thing))


def lines(rng):
    asks = [
        "Describe {} in one striking sentence.",
        "Write an opening line for a novel that mentions {}.",
        "Give a single image for {}.",
        "Write a caption for a painting of {}.",
        "Find one fine sentence about {}.",
    ]
    for thing, adjective, does, sound, place in parse(THINGS):
        who, month = rng.choice(NAMES).split()[0], rng.choice(MONTHS)
        text = rng.choice(
            [
                f"That {month}, {place}, {thing} {does}, and {who} could not look away.",
                f"If you stand {place} in {month} and hear {sound}, know that {thing} {does}.",
                f"So {adjective} is the thing {who} painted {place} that one forgives its silence: it {does}.",
                f"Every {month} {who} comes back for {sound}, for here, {place}, {thing} {does}.",
            ]
        )
        yield row("Creative Writing", "culture", rng.choice(asks).format(thing), "", piece(text, thing))


FAMILIES = [
    capitals,
    element_facts,
    inventors,
    opposites,
    snippets,
    conversions,
    animal_passages,
    country_passages,
    opening_passages,
    orders,
    notices,
    invention_notes,
    lost_pets,
    job_ads,
    project_news,
    study_news,
    opening_news,
    ideas,
    reviews,
    animal_classes,
    element_kinds,
    word_classes,
    verses,
    tales,
    lines,
]


def rows(rng, limit: float = 0.6) -> list[dict]:
    """All English table rows, none of them `limit` or more similar to an earlier one."""
    seen = Seen()
    candidates = [candidate for family in FAMILIES for candidate in family(rng)]
    return [r for r in candidates if seen.accept(row_text(r), "en", limit)]
