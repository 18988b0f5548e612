"""Invented skills and the tasks that show them, shared by the samples of the skill taxonomies.

Belongs here: wordings and which major groups of SOC 2020 they suit. Does not belong here: any taxonomy's codes or wire format.
Nothing is taken from a published taxonomy.
"""

from __future__ import annotations

from dataclasses import dataclass

from observatory_assets.sample.world import UNIT_GROUPS, rng


@dataclass(frozen=True)
class Skill:
    """An invented skill: its place in three invented levels above it, the majors whose occupations use it, and two tasks."""

    domain: str
    area: str
    group: str
    name: str
    definition: str
    majors: str
    tasks: tuple[str, str]


# domain|area|group, then its skills: name|definition|major groups|task|task
_LEVELS = """
Working with people|Communicating|Explain things to others
Explain a fault to a customer|Say in plain words what is wrong and what comes next.|34678|Tell a customer why a job takes longer|Describe a fault in plain words
Write up what happened|Set down events so that a stranger can follow them.|23468|Write up an incident before going home|Draft a short report for a manager
Present findings to a meeting|Speak to a group about what was found and what follows.|123|Show results to a steering meeting|Answer questions about a forecast
Working with people|Communicating|Listen and find out
Ask what a client needs|Find out by questions what would help.|1234678|Ask a client what has been tried already|Note a customer's wishes on a form
Calm an angry caller|Bring a conversation back to the matter in hand.|467|Settle a complaint over the telephone|Listen to a caller without interrupting
Working with people|Leading|Guide a team
Share out the day's work|Give each member of a team what they can finish.|1357|Draw up the rota for a shift|Hand out jobs at the morning briefing
Show a newcomer the ropes|Teach by doing alongside.|13456789|Train a new starter at the workplace|Watch a trainee's first attempts and correct them
Review how someone is doing|Talk over a colleague's work.|1237|Hold a review with each member of staff|Agree targets with a team member
Working with people|Caring|Look after someone
Help a person through the day|Give as much help as is wanted and no more.|26|Help a resident to wash and dress|Encourage a child to try again
Notice that someone is unwell|See small changes and pass them on.|236|Record a patient's temperature and pulse|Report a change in a resident's mood
Working with things|Making|Shape materials
Cut material to a drawing|Turn a drawing into a piece of the right size.|58|Mark out and cut timber to length|Set a machine to a drawing's tolerances
Join parts so that they hold|Fix parts together for good.|58|Fit components in their order|Weld or bolt a frame together
Test what has been made|Check a piece against what was asked for.|2358|Measure a sample from each batch|Test a circuit before it is switched on
Working with things|Looking after equipment|Keep machines running
Service a machine on time|Do the small jobs that prevent large ones.|589|Grease and clean a machine at the end of the week|Replace a worn belt
Trace a fault to its cause|Rule out causes one by one.|2358|Find out why a line has stopped|Check a system log for the first error
Working with things|Moving goods|Get goods where they belong
Plan a delivery round|Order stops so that time and fuel are saved.|1489|Plan a route around delivery times|Book vehicles for the next day's loads
Load without damage|Stack and secure goods so that they arrive whole.|89|Stack and wrap pallets|Secure a load before driving off
Count what is in stock|Know what there is and what will run out.|14789|Count stock against the system's figures|Order what is running low
Working with things|Preparing food and land|Prepare food
Cook to a recipe|Make a dish that comes out the same each time.|58|Cook dishes to order|Weigh ingredients for a batch
Keep a kitchen clean|Stop food from being spoilt by dirt.|5689|Clean surfaces between raw and cooked food|Label food with its date
Working with information|Reckoning|Work with numbers
Work out a price|Turn quantities and rates into an amount.|13457|Work out a quotation for a job|Check an invoice against the order
Keep a budget|Spend what there is and no more.|124|Watch spending against the budget|Reconcile accounts at the month's end
Read a chart of figures|See what rises, what falls and what is odd.|1234|Look for patterns in sales figures|Compare this year's figures with last year's
Working with information|Using computers|Handle data and programs
Write a small program|Have a computer do what is done again and again.|23|Write and test code for a new function|Automate a weekly report
Keep records on a computer|Enter data once and correctly.|12345678|Enter a customer's details in the database|Update the records of a load
Keep data from prying eyes|Let in only those who should see.|234|Set who may open a file|Delete records that are no longer needed
Working with information|Knowing the rules|Follow law and procedure
Apply safety rules|Know the rules of the place and keep to them.|123456789|Check a workplace for hazards|Wear and check protective clothing
Apply the law to a case|Find the rule that fits and what follows from it.|123|Advise a manager on what the law requires|Decide a case under the rules
Working with ideas|Improving|Make work better
Try out a better way|Change one thing and see what comes of it.|12358|Suggest a change to the way a job is done|Try out a new layout for a week
Use less and waste less|Do the same with less energy and material.|1589|Sort waste for recycling|Switch machines off between shifts
Working with ideas|Planning|Plan ahead
Plan a project|Set out steps, dates and who does what.|123|Draw up a plan with dates and costs|Report progress to a sponsor
Put urgent jobs first|Choose what cannot wait.|3456789|Rearrange the day when an urgent job comes in|Finish orders by the hour they are due
"""


def _read() -> tuple[Skill, ...]:
    skills, levels = [], ("", "", "")
    for line in _LEVELS.strip().splitlines():
        first, second, third, *rest = line.split("|")
        if not rest:
            levels = (first, second, third)
        else:
            skills.append(Skill(*levels, first, second, third, (rest[0], rest[1])))
    return tuple(skills)


SKILLS = _read()


def skills_of(soc_code: str) -> list[Skill]:
    """Five to eight skills that suit a unit group of the sample, the same ones every time."""
    random = rng("skills", soc_code)
    suited = [skill for skill in SKILLS if soc_code[0] in skill.majors]
    return random.sample(suited, min(len(suited), random.randint(5, 8)))


def groups_of_work(soc_code: str) -> tuple[tuple[str, str], ...]:
    """The sample's sub-unit groups of a unit group: (code, title), one per everyday job title."""
    return tuple((f"{soc_code}/{number:02d}", f"{title}s") for number, title in enumerate(UNIT_GROUPS[soc_code][1], start=1))
