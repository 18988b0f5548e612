"""Sample of the SOC 2020 volume 1 workbook: the groups of world.UNIT_GROUPS with invented tasks.

Belongs here: official codes, identifiers and titles (facts), invented descriptions and tasks, and the workbook's two sheets.
Does not belong here: reading them. Phase 1 only; a classification does not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from observatory_assets.sample.recording import Entry
from observatory_assets.sample.workbooks import workbook_bytes
from observatory_assets.sample.world import MAJORS, SUB_MAJORS, UNIT_GROUPS, rng

FOLDER = "/methodology/classificationsandstandards/standardoccupationalclassificationsoc/soc2020/soc2020volume1structureanddescriptionsofunitgroups"
URI = f"{FOLDER}/soc2020volume1structureanddescriptionofunitgroupsexcel16042025.xlsx"

MINORS = {
    "112": "Production managers and directors",
    "115": "Managers and directors in retail and wholesale",
    "122": "Managers and proprietors in hospitality and leisure services",
    "124": "Managers in logistics, warehousing and transport",
    "212": "Engineering professionals",
    "213": "Information technology professionals",
    "222": "Therapy professionals",
    "223": "Nursing professionals",
    "231": "Teaching professionals",
    "242": "Finance professionals",
    "243": "Business, research and administrative professionals",
    "311": "Science, engineering and production technicians",
    "313": "Information technology technicians",
    "321": "Health associate professionals",
    "323": "Teaching and childcare associate professionals",
    "331": "Protective service occupations",
    "343": "Sports and fitness occupations",
    "354": "Business associate professionals",
    "357": "HR, training and other vocational associate guidance professionals",
    "412": "Administrative occupations: finance",
    "413": "Administrative occupations: records",
    "421": "Secretarial and related occupations",
    "511": "Agricultural and related trades",
    "522": "Metal machining, fitting and instrument making trades",
    "524": "Electrical and electronic trades",
    "531": "Construction and building trades",
    "543": "Food preparation and hospitality trades",
    "611": "Teaching and childcare support occupations",
    "613": "Caring personal services",
    "621": "Leisure and travel services",
    "622": "Hairdressers and related services",
    "631": "Community and civil enforcement occupations",
    "711": "Sales assistants and retail cashiers",
    "713": "Shopkeepers and sales supervisors",
    "721": "Customer service occupations",
    "722": "Customer service supervisors",
    "811": "Process operatives",
    "814": "Assemblers and routine operatives",
    "821": "Road transport drivers",
    "822": "Mobile machine drivers and operatives",
    "911": "Elementary agricultural occupations",
    "913": "Elementary process plant occupations",
    "922": "Elementary cleaning occupations",
    "925": "Elementary storage occupations",
}
"""Official titles of the minor groups."""

# Unit group: official identifier | its work | its people | its place | two invented tasks of its own.
_GROUPS = """
1121 y1ak|production schedules|plant staff|the factory|sets output targets for each production line|reviews costs with the plant's owners
1150 y1ch|stock displays|shoppers|the store|decides which lines a shop stocks and at what price|watches takings and recruits shop staff
1224 y1dy|activity programmes|members|the leisure centre|hires out courts and pools to clubs|keeps a sports centre open, clean and staffed
1243 y1ff|delivery plans|hauliers|the depot|decides how goods are stored and moved between sites|buys transport from contractors
2122 y1ja|machine designs|clients|the design office|designs moving parts and tests prototypes on a rig|models stress in a component by computer
2134 y1lk|software releases|users|the development team|writes and tests program code|turns what users need into a working application
2221 y1ny|exercise plans|patients|the clinic|assesses how an injured patient moves|treats joints and muscles by exercise and massage
2237 y1py|care plans|patients|the ward|gives medicines and watches a patient's vital signs|hands over the state of each patient at a change of shift
2312 y1rk|course materials|students|the college|teaches a trade or subject to students over sixteen|marks coursework against an awarding body's criteria
2314 y1si|lessons|pupils|the classroom|teaches reading, writing and number to young children|tells parents how a child is getting on
2421 y1uj|financial statements|clients|the practice|audits the books of a company|advises clients on tax and cash flow
2432 y1vd|campaigns|buyers|the marketing department|researches a market and sets the price of a product|briefs agencies on an advertising campaign
3113 y1ze|test equipment|engineers|the workshop|measures how a machine performs under load|installs and repairs equipment from drawings
3132 y2ag|support tickets|staff|the service desk|sets up computers and user accounts|restores service after a network fault
3212 y2ao|prescriptions|patients|the dispensary|dispenses medicines under a pharmacist's eye|checks the stock and expiry dates of drugs
3232 y2cy|play activities|children and parents|the nursery|plans play that helps small children learn|watches and notes each child's development
3312 y2di|case files|members of the public|the police station|patrols an area and attends incidents|takes statements and gives evidence in court
3313 y2dm|rescue drills|residents|the fire station|fights fires and frees people from vehicles|inspects buildings for fire risks
3432 y2gy|training sessions|players|the sports ground|coaches players in skills and tactics|judges how an athlete has improved
3433 y2hq|fitness programmes|clients|the gym|shows clients how to exercise safely|draws up a training programme after a fitness test
3544 y2jq|data sets|decision makers|the analysis team|builds dashboards and statistical reports|joins, cleans and checks data from several databases
3571 y2li|staffing policies|managers and staff|the personnel office|advertises vacancies and interviews applicants|advises managers on employment law
4122 y2ni|payroll records|employees|the accounts office|works out wages, tax and deductions|reconciles ledgers with bank statements
4134 y2op|route sheets|drivers|the transport office|books vehicles and drivers for each load|keeps tachograph and mileage records
4215 y2py|meetings|senior managers|the executive office|keeps a manager's diary and arranges travel|takes minutes and drafts correspondence
4216 y2qc|appointments|visitors|the reception desk|greets visitors and tells staff they have come|answers the switchboard and passes on messages
5111 y2qj|crops and livestock|buyers|the farm|sows, sprays and harvests crops|feeds animals and watches their health
5113 y2qt|gardens|householders|the grounds|plants and prunes shrubs and lays turf|builds paths and patios to a drawing
5221 y2sc|machined parts|engineers|the machine shop|programs and sets a lathe or milling machine|measures parts with gauges to fine tolerances
5241 y2ty|wiring|householders|the site|fits cables, sockets and control panels|tests circuits with instruments and issues certificates
5313 y2ve|brickwork|site managers|the building site|lays bricks and blocks in mortar to a line|cuts and shapes stone and brick with hand tools
5316 y2vo|joinery|householders|the workshop|measures, cuts and fits timber frames and doors|reads building drawings and marks out wood
5432 y2yi|bread and cakes|shoppers|the bakery|mixes, proves and bakes dough|decorates cakes to a customer's order
5434 y2yq|dishes|diners|the kitchen|cooks dishes and tastes them before they go out|designs menus and orders ingredients
6112 y3aa|learning activities|pupils|the classroom|helps a teacher with a small group of pupils|prepares paint, books and displays
6135 y3cb|daily care|residents and their families|the care home|helps people wash, dress and eat|notes changes in a resident's condition
6211 y3cu|facilities|swimmers and members|the leisure centre|watches a pool and rescues swimmers|sets out nets, mats and other equipment
6221 y3dt|hair treatments|clients|the salon|cuts, colours and styles hair|recommends products for a client's hair
6311 y3el|patrol reports|residents|the neighbourhood|walks a beat and calms disputes|visits schools to talk about crime
6312 y3en|penalty notices|motorists|the streets|issues notices to badly parked vehicles|checks permits and reports broken meters
7111 y3es|goods on sale|shoppers|the shop floor|serves shoppers and takes payment at a till|fills shelves and marks prices
7132 y3gk|sales targets|shoppers|the sales floor|draws up the rota of a sales team|handles refunds that assistants may not give
7211 y3gm|customer accounts|callers|the contact centre|answers calls and updates customers' details|takes orders and bookings over the telephone
7220 y3hd|service levels|customers|the contact centre|listens to calls and coaches advisers|settles complaints passed on by advisers
8111 y3hf|food products|line managers|the food plant|runs machines that mix, cook or bottle food|keeps food areas clean against contamination
8142 y3jf|assemblies|line managers|the assembly line|bolts and fits components together in sequence|rejects faulty components
8211 y3kr|deliveries|customers|the cab|drives a lorry and secures its load|plans a route around drivers' hours
8222 y3ll|pallets|warehouse staff|the loading bay|lifts and stacks pallets with a truck|checks a truck's forks, brakes and battery
9111 y3mf|harvested crops|farm managers|the fields|picks, grades and packs produce|mends fences and clears ditches
9132 y3nf|packed goods|line managers|the packing line|fills, seals and labels containers|weighs packs and sets aside damaged ones
9223 y3nu|cleaning rounds|occupants|the building|sweeps, mops and disinfects floors|refills soap and empties bins
9252 y3ph|orders|dispatch staff|the warehouse|picks goods from shelves against a list|unloads vans and books goods in with a scanner
"""

_COMMON = (
    "follows health and safety procedures in {place}, assesses risks and reports hazards",
    "keeps accurate computer records of {work} and updates spreadsheets and databases",
    "communicates with {people} in person, by telephone and in writing about {work}",
    "calculates quantities, times and costs for {work} and checks the figures",
    "works as part of a team in {place} and supports colleagues at busy times",
    "deals with enquiries and complaints from {people} and looks after good customer service",
    "plans and organises own time to finish {work} by the deadline and puts urgent jobs first",
    "checks the quality of {work} against the standard and corrects faults",
    "finds the cause of problems with {work} and puts them right",
    "trains and mentors new starters in {place}",
    "keeps up with changes in {work} and adapts to new methods and technology",
    "applies the legislation and regulations that cover {work}, data protection among them",
    "treats {people} with respect and values equality, diversity and inclusion",
    "reduces waste and energy use in {place} and recycles materials",
    "suggests better ways of doing {work} and tries out new ideas",
)
_BY_MAJOR = {
    "management": (
        "leads, motivates and supervises staff in {place} and reviews their performance",
        "prepares and controls the budget for {work} and reports on finance",
        "manages projects that change {work}, from the first plan to the review",
        "negotiates contracts for {work} with suppliers and partners",
        "sets a strategy for {work} and makes decisions on evidence",
    ),
    "office": (
        "writes reports on {work} and presents the findings to {people}",
        "analyses information about {work} and draws conclusions from it",
        "files documents, answers emails and carries out administration for {place}",
        "processes invoices and payments for {work}",
    ),
    "practical": (
        "uses, cleans and maintains the tools, machinery and equipment of {place}",
        "lifts, carries and handles materials for {work} by hand",
        "reads instructions and drawings and follows them exactly when preparing {work}",
    ),
    "selling": (
        "promotes and sells {work} to {people} and explains what suits them",
        "prepares marketing and social media posts about {work}",
        "builds lasting relationships with {people} and wins new business",
    ),
}
_FLAVOURS = {
    "1": ("management", "selling"), "2": ("management", "office"), "3": ("office",), "4": ("office",), "5": ("practical",),
    "6": ("practical",), "7": ("selling", "management"), "8": ("practical",), "9": ("practical",),
}  # fmt: skip

_DESCRIPTION_HEADERS = (
    "SOC\n2020 Major Group", "SOC\n2020 Sub-Major Group", "SOC\n2020 Minor Group", "SOC 2020 Unit Group", "SOC\n2020 \nGroup Title",
    "Groups Classified Within Sub-Groups ", "Group  Description", "Typical Entry Routes And Associated Qualifications", "Tasks", "Related Job Titles",
)  # fmt: skip
_FRAMEWORK_HEADERS = (
    "Unique ID", "SOC2020\nMajor Group", "SOC2020\nSub-Major Group", "SOC2020\nMinor Group", "SOC2020 Unit Group", "SOC2020 Group Title", "Change", "VERSNO",
)  # fmt: skip
_BLANK = "<blank>"


def entries(phase: int) -> Iterator[Entry]:
    """The workbook, in phase 1."""
    if phase == 1:
        yield Entry(
            "www.ons.gov.uk",
            "/file",
            _workbook(),
            query={"uri": URI},
            headers={"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        )


def _tasks(code: str, work: str, people: str, place: str, own: list[str]) -> list[str]:
    """Six to eight tasks: two of the group's own, the rest common ones in its own words."""
    random = rng("soc2020", code)
    special = [task for flavour in _FLAVOURS[code[0]] for task in _BY_MAJOR[flavour]]
    chosen = random.sample(special, 2) + random.sample(_COMMON, random.randint(2, 4))
    return own + [task.format(work=work, people=people, place=place) for task in chosen]


def _workbook() -> bytes:
    from openpyxl import Workbook

    units: dict[str, tuple[str, list[str]]] = {}
    for line in _GROUPS.strip().splitlines():
        head, work, people, place, *own = line.split("|")
        code, identifier = head.split()
        units[code] = (f"soc-{identifier}", _tasks(code, work, people, place, own))
    titles = {**MAJORS, **SUB_MAJORS, **MINORS, **{code: title for code, (title, _) in UNIT_GROUPS.items()}}

    workbook = Workbook()
    descriptions, framework = workbook.active, workbook.create_sheet("SOC2020 Framework")
    descriptions.title = "SOC2020 descriptions"
    descriptions.append(_DESCRIPTION_HEADERS)
    framework.append(_FRAMEWORK_HEADERS)
    for code, title in sorted(titles.items()):
        level = len(code)
        children = [f"{child} {titles[child]}" for child in sorted(titles) if len(child) == level + 1 and child.startswith(code)]
        place: list[Any] = [_BLANK] * 4
        place[level - 1] = int(code)
        identifier, tasks = units.get(code, (None, []))
        jobs = UNIT_GROUPS[code][1] if level == 4 else ()
        descriptions.append(
            [
                *place,
                title,
                "Sample: this group is divided into: \n\n" + "\n".join(children) if children else _BLANK,
                f"Sample description of {title}.",
                "Sample entry routes." if level == 4 else _BLANK,
                "\n\n".join(f"~{task}" for task in tasks) or _BLANK,
                "\n\n".join(f"~{job}" for job in jobs) or _BLANK,
            ]
        )
        framework.append([identifier, *(None if cell == _BLANK else cell for cell in place), title.upper() if level < 3 else title, None, None])
        framework.append([])
    return workbook_bytes(workbook)
