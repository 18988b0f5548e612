"""SIC 2007 as Nomis lists it, for the samples of datasets by industry.

Belongs here: codes, titles and the share of a place's jobs each has in the sample. Does not belong here: any dataset's numbers.
Under half of the 88 divisions are listed, some of every sector of the seeds; the broad groups are there because
their names look like divisions.
"""

from __future__ import annotations

TOTAL = "37748736"

SECTIONS = {
    # letter: (title, share of jobs)
    "A": ("Agriculture, forestry and fishing", 0.010),
    "B": ("Mining and quarrying", 0.003),
    "C": ("Manufacturing", 0.130),
    "D": ("Electricity, gas, steam and air conditioning supply", 0.004),
    "E": ("Water supply; sewerage, waste management and remediation activities", 0.007),
    "F": ("Construction", 0.048),
    "G": ("Wholesale and retail trade; repair of motor vehicles and motorcycles", 0.155),
    "H": ("Transportation and storage", 0.075),
    "I": ("Accommodation and food service activities", 0.068),
    "J": ("Information and communication", 0.032),
    "K": ("Financial and insurance activities", 0.020),
    "L": ("Real estate activities", 0.014),
    "M": ("Professional, scientific and technical activities", 0.075),
    "N": ("Administrative and support service activities", 0.088),
    "O": ("Public administration and defence; compulsory social security", 0.036),
    "P": ("Education", 0.092),
    "Q": ("Human health and social work activities", 0.110),
    "R": ("Arts, entertainment and recreation", 0.018),
    "S": ("Other service activities", 0.015),
    "T": ("Activities of households as employers;undifferentiated goods-and services-producing activities of households for own use", 0.0),
    "U": ("Activities of extraterritorial organisations and bodies", 0.0),
}

DIVISIONS = {
    # number: (section, title)
    1: ("A", "Crop and animal production, hunting and related service activities"),
    8: ("B", "Other mining and quarrying"),
    10: ("C", "Manufacture of food products"),
    11: ("C", "Manufacture of beverages"),
    13: ("C", "Manufacture of textiles"),
    14: ("C", "Manufacture of wearing apparel"),
    18: ("C", "Printing and reproduction of recorded media"),
    20: ("C", "Manufacture of chemicals and chemical products"),
    22: ("C", "Manufacture of rubber and plastic products"),
    25: ("C", "Manufacture of fabricated metal products, except machinery and equipment"),
    26: ("C", "Manufacture of computer, electronic and optical products"),
    28: ("C", "Manufacture of machinery and equipment n.e.c."),
    29: ("C", "Manufacture of motor vehicles, trailers and semi-trailers"),
    31: ("C", "Manufacture of furniture"),
    35: ("D", "Electricity, gas, steam and air conditioning supply"),
    38: ("E", "Waste collection, treatment and disposal activities; materials recovery"),
    41: ("F", "Construction of buildings"),
    43: ("F", "Specialised construction activities"),
    45: ("G", "Wholesale and retail trade and repair of motor vehicles and motorcycles"),
    46: ("G", "Wholesale trade, except of motor vehicles and motorcycles"),
    47: ("G", "Retail trade, except of motor vehicles and motorcycles"),
    49: ("H", "Land transport and transport via pipelines"),
    52: ("H", "Warehousing and support activities for transportation"),
    55: ("I", "Accommodation"),
    56: ("I", "Food and beverage service activities"),
    62: ("J", "Computer programming, consultancy and related activities"),
    64: ("K", "Financial service activities, except insurance and pension funding"),
    68: ("L", "Real estate activities"),
    69: ("M", "Legal and accounting activities"),
    71: ("M", "Architectural and engineering activities; technical testing and analysis"),
    78: ("N", "Employment activities"),
    81: ("N", "Services to buildings and landscape activities"),
    84: ("O", "Public administration and defence; compulsory social security"),
    85: ("P", "Education"),
    86: ("Q", "Human health activities"),
    87: ("Q", "Residential care activities"),
    88: ("Q", "Social work activities without accommodation"),
    93: ("R", "Sports activities and amusement and recreation activities"),
    96: ("S", "Other personal service activities"),
}

_BROAD_GROUPS = {
    1: "Agriculture, forestry & fishing (A)",
    2: "Mining, quarrying & utilities (B,D and E)",
    6: "Wholesale (Part G)",
    10: "Information & communication (J)",
    11: "Financial & insurance (K)",
    18: "Arts, entertainment, recreation & other services (R,S,T and U)",
}


def names() -> dict[str, str]:
    """Code -> name, as an industry code list has them: total, broad groups, sections, divisions and one class."""
    return (
        {TOTAL: "Total"}
        | {str(163577856 + number): f"{number} : {title}" for number, title in _BROAD_GROUPS.items()}
        | {str(150994945 + number): f"{letter} : {title}" for number, (letter, (title, _)) in enumerate(SECTIONS.items())}
        | {str(146800640 + number): f"{number:02d} : {title}" for number, (_, title) in DIVISIONS.items()}
        | {"138412042": "101 : Processing and preserving of meat and production of meat products"}
    )
