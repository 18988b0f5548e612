"""The facts the sample releases share: areas, occupations and invented apprenticeship standards, so that they join up.

Belongs here: codes and titles every sample generator needs, and the seed. Official codes and classification titles are
facts; every standard (ST9xxx), statement, task and number of the sample is invented. Does not belong here: wire formats.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass

SEED = 20260101
PHASES = (1, 2, 3)  # today; a new release of some datasets; a correction that rewrites history

DISTRICTS = {
    "E06000016": ("Leicester", 1.55),
    "E06000017": ("Rutland", 0.17),
    "E07000129": ("Blaby", 0.52),
    "E07000130": ("Charnwood", 0.86),
    "E07000131": ("Harborough", 0.46),
    "E07000132": ("Hinckley and Bosworth", 0.55),
    "E07000133": ("Melton", 0.25),
    "E07000134": ("North West Leicestershire", 0.54),
    "E07000135": ("Oadby and Wigston", 0.27),
}
"""District code -> name and relative size (sums to about 5, as the real labour forces do in 100,000s)."""

SUB_MAJORS = {
    "11": "Corporate managers and directors",
    "12": "Other managers and proprietors",
    "21": "Science, research, engineering and technology professionals",
    "22": "Health professionals",
    "23": "Teaching and other educational professionals",
    "24": "Business, media and public service professionals",
    "31": "Science, engineering and technology associate professionals",
    "32": "Health and social care associate professionals",
    "33": "Protective service occupations",
    "34": "Culture, media and sports occupations",
    "35": "Business and public service associate professionals",
    "41": "Administrative occupations",
    "42": "Secretarial and related occupations",
    "51": "Skilled agricultural and related trades",
    "52": "Skilled metal, electrical and electronic trades",
    "53": "Skilled construction and building trades",
    "54": "Textiles, printing and other skilled trades",
    "61": "Caring personal service occupations",
    "62": "Leisure, travel and related personal service occupations",
    "63": "Community and civil enforcement occupations",
    "71": "Sales occupations",
    "72": "Customer service occupations",
    "81": "Process, plant and machine operatives",
    "82": "Transport and mobile machine drivers and operatives",
    "91": "Elementary trades and related occupations",
    "92": "Elementary administration and service occupations",
}

MAJORS = {
    "1": "Managers, directors and senior officials",
    "2": "Professional occupations",
    "3": "Associate professional occupations",
    "4": "Administrative and secretarial occupations",
    "5": "Skilled trades occupations",
    "6": "Caring, leisure and other service occupations",
    "7": "Sales and customer service occupations",
    "8": "Process, plant and machine operatives",
    "9": "Elementary occupations",
}

UNIT_GROUPS = {
    "1121": ("Production managers and directors in manufacturing", ("Production manager", "Operations manager (manufacturing)")),
    "1150": ("Managers and directors in retail and wholesale", ("Retail manager", "Wholesale manager")),
    "1224": ("Leisure and sports managers and proprietors", ("Leisure centre manager", "Sports club manager")),
    "1243": ("Managers in logistics", ("Logistics manager", "Supply chain manager")),
    "2122": ("Mechanical engineers", ("Mechanical engineer", "Design engineer (mechanical)")),
    "2134": ("Programmers and software development professionals", ("Software developer", "Programmer")),
    "2221": ("Physiotherapists", ("Physiotherapist", "Sports physiotherapist")),
    "2237": ("Other registered nursing professionals", ("Staff nurse", "Registered nurse")),
    "2312": ("Further education teaching professionals", ("Further education lecturer", "Vocational tutor")),
    "2314": ("Primary education teaching professionals", ("Primary school teacher", "Class teacher")),
    "2421": ("Chartered and certified accountants", ("Chartered accountant", "Management accountant")),
    "2432": ("Marketing and commercial managers", ("Marketing manager", "Commercial manager")),
    "3113": ("Engineering technicians", ("Engineering technician", "Maintenance technician")),
    "3132": ("IT user support technicians", ("IT support technician", "Service desk analyst")),
    "3212": ("Pharmaceutical technicians", ("Pharmacy technician", "Dispensing technician")),
    "3232": ("Early education and childcare practitioners", ("Early years practitioner", "Nursery nurse")),
    "3312": ("Police officers (sergeant and below)", ("Police constable", "Police sergeant")),
    "3313": ("Fire service officers (watch manager and below)", ("Firefighter", "Crew manager")),
    "3432": ("Sports coaches, instructors and officials", ("Sports coach", "Swimming teacher")),
    "3433": ("Fitness and wellbeing instructors", ("Personal trainer", "Fitness instructor")),
    "3544": ("Data analysts", ("Data analyst", "Reporting analyst")),
    "3571": ("Human resources and industrial relations officers", ("Human resources officer", "Recruitment adviser")),
    "4122": ("Book-keepers, payroll managers and wages clerks", ("Payroll clerk", "Book-keeper")),
    "4134": ("Transport and distribution clerks and assistants", ("Transport planner", "Despatch clerk")),
    "4215": ("Personal assistants and other secretaries", ("Personal assistant", "Executive assistant")),
    "4216": ("Receptionists", ("Receptionist", "Front of house assistant")),
    "5111": ("Farmers", ("Farmer", "Farm manager")),
    "5113": ("Gardeners and landscape gardeners", ("Landscape gardener", "Gardener")),
    "5221": ("Metal machining setters and setter-operators", ("CNC machinist", "Machine setter")),
    "5241": ("Electricians and electrical fitters", ("Electrician", "Electrical fitter")),
    "5313": ("Bricklayers", ("Bricklayer", "Stone and brick layer")),
    "5316": ("Carpenters and joiners", ("Carpenter", "Joiner")),
    "5432": ("Bakers and flour confectioners", ("Baker", "Confectioner")),
    "5434": ("Chefs", ("Chef", "Chef de partie")),
    "6112": ("Teaching assistants", ("Teaching assistant", "Classroom assistant")),
    "6135": ("Care workers and home carers", ("Care worker", "Home carer")),
    "6211": ("Sports and leisure assistants", ("Leisure assistant", "Lifeguard")),
    "6221": ("Hairdressers and barbers", ("Hairdresser", "Barber")),
    "6311": ("Police community support officers", ("Community support officer", "Neighbourhood support officer")),
    "6312": ("Parking and civil enforcement occupations", ("Civil enforcement officer", "Parking attendant")),
    "7111": ("Sales and retail assistants", ("Retail assistant", "Shop assistant")),
    "7132": ("Sales supervisors - retail and wholesale", ("Sales supervisor", "Retail supervisor")),
    "7211": ("Call and contact centre occupations", ("Contact centre adviser", "Call centre agent")),
    "7220": ("Customer service supervisors", ("Customer service supervisor", "Contact centre team leader")),
    "8111": ("Food, drink and tobacco process operatives", ("Food process operative", "Bakery operative")),
    "8142": ("Assemblers (vehicles and metal goods)", ("Assembly operative", "Vehicle assembler")),
    "8211": ("Heavy and large goods vehicle drivers", ("LGV driver", "HGV driver")),
    "8222": ("Fork-lift truck drivers", ("Fork-lift truck driver", "Reach truck operator")),
    "9111": ("Farm workers", ("Farm worker", "Harvest worker")),
    "9132": ("Packers, bottlers, canners and fillers", ("Packer", "Packing operative")),
    "9223": ("Cleaners and domestics", ("Cleaner", "Domestic assistant")),
    "9252": ("Warehouse operatives", ("Warehouse operative", "Order picker")),
}
"""SOC 2020 unit group -> official title and two everyday job titles; two unit groups in each sub-major group."""


@dataclass(frozen=True)
class Standard:
    """An invented apprenticeship standard; ``weight`` is its relative number of achievements."""

    reference: str
    title: str
    level: int
    route: str
    ssa: str
    soc: str
    weight: float

    @property
    def apps_level(self) -> str:
        return "Intermediate Apprenticeship" if self.level == 2 else "Advanced Apprenticeship" if self.level == 3 else "Higher Apprenticeship"

    @property
    def job_titles(self) -> tuple[str, ...]:
        return UNIT_GROUPS[self.soc][1]


_ROUTES = {
    "engineering": ("Engineering and manufacturing", "Engineering and Manufacturing Technologies"),
    "logistics": ("Transport and logistics", "Retail and Commercial Enterprise"),
    "health": ("Health and science", "Health, Public Services and Care"),
    "care": ("Care services", "Health, Public Services and Care"),
    "education": ("Education and early years", "Education and Training"),
    "business": ("Business and administration", "Business, Administration and Law"),
    "digital": ("Digital", "Information and Communication Technology (ICT)"),
    "sales": ("Sales, marketing and procurement", "Retail and Commercial Enterprise"),
    "construction": ("Construction and the built environment", "Construction, Planning and the Built Environment"),
    "catering": ("Catering and hospitality", "Retail and Commercial Enterprise"),
    "land": ("Agriculture, environmental and animal care", "Agriculture, Horticulture and Animal Care"),
    "protective": ("Protective services", "Health, Public Services and Care"),
    "sport": ("Care services", "Leisure, Travel and Tourism"),
}

_STANDARDS = """
1121 4 engineering 0.7|1150 4 sales 0.6|1224 4 sport 0.3|1243 5 logistics 0.5|2122 6 engineering 0.6|2134 4 digital 0.9
2221 6 health 0.3|2237 5 health 1.1|2312 5 education 0.4|2421 7 business 1.2|2432 4 sales 0.5|3113 3 engineering 1.3
3132 3 digital 0.9|3212 3 health 0.4|3232 3 education 1.8|3312 6 protective 0.4|3432 3 sport 0.6|3433 3 sport 0.7
3544 4 digital 0.8|3571 3 business 0.7|4122 3 business 0.8|4134 3 logistics 0.4|4215 3 business 1.6|5113 2 land 0.3
5221 3 engineering 0.9|5241 3 construction 1.4|5313 2 construction 0.8|5316 2 construction 0.9|5432 2 catering 0.3
5434 3 catering 0.7|6112 3 education 0.9|6135 2 care 2.1|6211 2 sport 0.4|6221 2 care 1.0|7111 2 sales 0.8|7211 2 sales 0.6
8111 2 engineering 0.7|8142 2 engineering 0.5|8211 2 logistics 0.6|9252 2 logistics 0.8
"""

STANDARDS = tuple(
    Standard(
        reference=f"ST9{number:03d}",
        title=f"{UNIT_GROUPS[soc][1][0]} (sample)",
        level=int(level),
        route=_ROUTES[route][0],
        ssa=_ROUTES[route][1],
        soc=soc,
        weight=float(weight),
    )
    for number, (soc, level, route, weight) in enumerate((item.split() for item in _STANDARDS.replace("\n", "|").split("|") if item.strip()), start=1)
)


def rng(*scope: object) -> random.Random:
    """A generator seeded by the sample's seed and a scope, so that one series never shifts another's numbers."""
    return random.Random(":".join(map(str, (SEED, *scope))))


@functools.cache
def _fraction(scope: tuple[object, ...]) -> float:
    return rng(*scope).random()


def uniform(low: float, high: float, *scope: object) -> float:
    """The first number between two of a scope's generator: of 447,000 generators that the sample asked for 14,000 were different ones."""
    return low + (high - low) * _fraction(scope)
