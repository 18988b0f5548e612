"""Knowledge, skill or behaviour: the kind of a statement whose publisher does not say.

Belongs here: the grammar of openings ("Knowledge of …", "Ability to …", "rejects faulty parts", "Be honest") and of adverts.
Does not belong here: areas; a caller says which areas' cues fire.
"""

from __future__ import annotations

import re


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


_DEGREE = _any(
    r"""sound good strong deep deeper working detailed basic solid thorough expert advanced excellent in-depth extensive broad critical comprehensive full
    clear some proven practical great general high exceptional outstanding prior previous hands-on relevant technical professional demonstrated
    demonstrable extended significant natural effective commercial"""
)
# Words between an advert's subject and what it asks for: "should ideally also have a …".
_FILLER = _any(
    r"""to you we must should will would shall can may be being is are an? the your have has having with possess(?:es)? demonstrates? shows? exhibits? brings?
    ideally also preferably minimum least at need needs in of"""
)
_SUBJECT = _any(
    r"""principles? theor(?:y|ies) concepts? legislation importance basics fundamentals how why what when where who which ways? types? roles? impacts?
    purpose effects? methods? characteristics properties techniques processes procedures requirements structure range nature regulations?
    differen(?:t|ces?) relevan(?:t|ce) current factors sources causes benefits functions? value need"""
)
_KNOWLEDGE = re.compile(
    rf"^(?:(?:{_FILLER} )*(?:{_DEGREE}(?:,? and |,? |/)?)*"
    r"(?:knowledge|understand(?:s|ing)?|awareness|aware|familiar(?:ity)?|know(?:s|n)?|appreciation)\b"
    rf"|(?:the )?{_SUBJECT} (?:\w+ )?(?:of|for|to|and|that|in|is|are|the|an?)\b|(?:the |appropriate |correct |safe |effective )*use of\b)"
)
# A noun phrase without a verb names a subject, unless it is an advertiser speaking.
_NOUN_PHRASE = re.compile(r"^(?:the|an?|common|general|local|national|key|different|various|basic|legal|company|own|main)\s")
_ADVERT = re.compile(r"\b(?:candidates?|this role|the role|position|you|your|we|our|job|team of|looking for|seeking|this|these)\b")
_ABILITY = re.compile(
    rf"^(?:(?:{_FILLER} )*(?:{_DEGREE}(?:,? and |,? |/)?)*(?:level of |background in |command of )?"
    r"(?:ability|able|skills?|skilled|proficien\w+|competen\w+|experienced?|fluen\w+|capab\w+|expertise|expert|track record|responsib\w+ for|"
    r"expected to|required to|used to|adept|contributions?|worked|working (?:with|proficiency)))\b"
)
# Beginnings of the verbs that open tasks and skills, whatever their ending.
_STEMS = _any(
    r"""accept accompan account achiev acquir act adapt add\b address(?:es)?\b adds\b adher adjust administer administrat adopt advis affix agree aid align
    allocat amend analys analyz answer anticipat appl(?:y|ies) appoint apprais approv arrang assembl assess assign assist attach attend audit authori automat
    backup balanc bathe book brief(?:s|ing)?\b brush build buy calculat calibrat captur car(?:ry|ries) carv catalogu chair challeng champion check chill
    choos clean clear clip coach collaborat collat collect combin commission communicat compar compil complet compl(?:y|ies) compos conduct confer\b
    configur confirm conform connect conserv consider\b consolidat construct consult contribut control convert convey cook co-?operat co-?ordinat counsel
    count(?:s|ing)?\b creat curat cut deal debug decid decorat defin deliver demonstrat deploy deriv describ design detect determin develop devis diagnos
    dig\b direct discuss disinfect dismantl dispatch dispens dispos disseminat distinguish distribut draft draw dress drill driv drive drives edit educat
    embed employ(?:s|ing)?\b empower enabl encourag enforc engag engrav enhanc enquir enrol ensur enter erect escalat escort establish estimat evaluat
    examin excavat exchang execut expand experiment explain explor extend extract fabricat facilitat fasten feed fill find finish fit fix fold follow
    forecast formulat forward\b foster freez fulfil gather generat giv glaz grad greet grind guard\b guid handl hang harvest help hir(?:e|es|ing)\b host
    identif illustrat implement improv incorporat influenc inform ingest initiat inject input insert inspect inspir install instruct integrat interact
    interpret interview introduc investigat invigilat issu join judge\b keep knit lay(?!out) lead learn liais lift listen load locat lubricat maintain mak
    manag manipulat manoeuvr manufactur map mark matches maximi measur mediat meet minimi[sz] mitigat mix model moderat modif monitor mop motivat mould
    mount mov mow navigat negotiat notif observ obtain offer open operat order organi[sz] overs pack paint participat perform persuad pilot place plan
    plant polish position pour practi[sc]e predict prepar prescrib present preserv prevent price prioriti[sz] process procur produc program promot promptly
    proofread propos protect prov prun publicis publish pull punch purchas pursu rais react read reassur receiv recogni[sz] recommend reconcil record
    recover recruit reduc refer reflect refuel regulat rehabilitat relay releas remov render repair replac replenish report represent request requisition
    research resolv respond restor restrain retriev retrofit return review revis rewir rig\b rinse rotat run safeguard sampl sand\b sanitis scan schedul
    screen seal search secure segregat select sell send separat serv set sew shap shar shovel shut simulat sketch slaughter slice solder solv sort speak
    specif(?:y|ies) splice spray spread stack start steer sterili[sz] stir stop\b stor stretch strip structur studies submit suggest supervis
    suppl(?:y|ies) support survey sweep synchron tailor take takes taking talk teach test think tidy trac(?:e|es|ing)\b track train transcrib transfer
    translat transmit transplant transport treat trim troubleshoot turn undertak unload updat upgrad upholster upload us(?:e|es|ing)\b(?!\sof) utili[sz]
    vaccinat validat verif visit wait walk wash weigh weld working\s works?\b(?!,) wrap writ"""
)
# Words that are as often nouns count with an object after them: "log defects", "file the claims".
_NOUN_OR_VERB = _any(
    r"""log document stock study contact change type cover file label form press note print machine source call code copy post register budget chart
    patch network partner style score value sign market program access signal smooth match exercise display trace mentor question quote"""
)
# "adaptable", "management" and "creativity" begin like verbs and are none.
_NO_VERB = r"(?!\w*(?:[ai]ble|ive(?:ly)?|ivity|ful|ity|ness|ment|ions?|ance|ence|ency|ants?|ers?|ors?|ous|ship|al|ure)\b)"
_VERB = re.compile(
    rf"^(?:\w+ly |also |to |you |will |can |and )*(?:(?:re|dis|un|de|co|pre)-?)?"
    rf"(?:{_STEMS}{_NO_VERB}\w*\b|\w+(?:i[sz]es?|if(?:y|ies))\b|{_NOUN_OR_VERB},? (?:the|an?|all|any|and|or|up|out|on|in|with|new|incoming|details|\w+s)\b)"
)
# "rejects faulty assembly components" is a task; "Materials used in …" is not.
_PREPOSITIONAL = _any(
    r"""of used and for in such including available required that which involved to within relevant related associated on or by from with at"""
)
_THIRD_PERSON = re.compile(rf"^(?:\w+ly )?[a-z-]+[^suai]s(?:,? (?:and |or )?[a-z-]+s)* (?!{_PREPOSITIONAL}\b)[a-z]")
_TRAIT = re.compile(
    r"^(?:(?:you |will |always |must |should |to |a |an |as a person )*(?:(?:be|being|is|are)\b(?! (?:\w+ly )?"
    r"(?:able|expected|required|responsible|skilled|experienced|proficient|fluent|familiar|competent|capable|used|looking|seeking|part|joining))|"
    r"(?:shows?|showing|displays?|demonstrat\w+) (?=(?:an? |the |high |personal |strong |clear )*"
    r"(?:respect|empath|emotional|aware|value|commit|professional|integrity|attention|care|caring|compassion|self|concern|"
    r"drive|initiative|resilien|courage|flexib|adaptab|enthusias|accountab|honest|leadership|willing|positive))|"
    r"ha(?:s|ve) an? (?=(?:\w+ )?"
    r"(?:positive|professional|strong|genuine|pro-?active|flexible|methodical|questioning|safety|health|can-do|customer|responsible)\b)|"
    r"exhibits?|embod\w+|behav\w+|act(?:s|ing)?|commit(?:ted|ment|s)?|willing\w*|keen|respect\w*|attitude|"
    r"(?:takes?|accepts?|taking) (?:\w+ )?(?:responsib\w+|ownership|pride|initiative|accountab\w+)|positive|passion\w*|enthusias\w*|genuine|remain\w*|"
    r"stay\w*|striv\w+|embrac\w+|welcom\w+|practi[sc]\w+ with|treat\w* (?:people|others|everyone|all|individuals|customers|colleagues)|puts?|"
    r"uses? (?:own |their )?initiative|operat\w+ (?:ethically|professionally|with)|challeng\w+|recogni[sz]\w+ (?:own|the limits|and)|"
    r"work\w* (?:hard|with integrity|ethically|independently|autonomously|conscientiously|diligently|flexibly|proactively|under pressure|to the highest)))\b"
)
# A noun phrase about these is a subject to know: "Finishing techniques, for example rolled hems".
_SUBJECT_NOUN = re.compile(
    rf"^(?:[\w&'/()-]+,? ){{0,6}}"
    rf"(?:{_SUBJECT}|systems|practices|policies|tools|equipment|components|materials|standards|models|approaches|operations|frameworks?|"
    r"mechanisms|terminology|features|structures|physiology|strategies|rules|law|considerations|knowledge|hazards|protocols|guidelines|context)\b"
)
# What stands before the demand itself in an advert: list marks, headings, "our ideal candidate should", "as a planner, you will".
_MARK = re.compile(r"^(?:[^a-z0-9]+|\d{1,2} ?[.)]+\s)+")
_PERSON = r"(?:candidates?|applicants?|persons?|individuals?|professionals?|someone|specialists?|post ?holders?|employees?|colleagues?)"
_FRAME = re.compile(
    r"^(?:"
    rf"(?:(?:our|the|an?|this|successful|ideal|your) )+(?:{_PERSON}|role|position|job|post)(?: (?:for|in) this \w+)?,? "
    r"(?:will|should|must|would|is expected to|has to|needs? to|requires?|involves?)(?: also| ideally| be responsible for)?(?: be| have| include)?\s+"
    r"|as an? [^,;]{2,80}, (?:your? )(?:will|should|must|are expected to)?(?: be responsible for)?\s*"
    r"|in (?:this|the|your) (?:role|position|job)[^,;]{0,60}?,? you(?:'ll| will| must| should)?(?: be)?\s+"
    rf"|(?:we(?:'re| are)? )?(?:looking|searching|seeking|seek|in need of|need|require)(?: for)? an? (?:[\w-]+ )?{_PERSON} "
    r"(?:who|with|that|to|able)(?: can| is| will| has)?\s+"
    r"|(?:we(?:'re| are)? )?(?:looking for|seeking|seek) an? (?:\w+ly )?(?:skilled|experienced|talented|qualified|dynamic|detail-oriented)(?: and \w+)? "
    r"(?:[\w-]+ ){1,4}?(?:with|who(?: can| is| will| has)?) (?=\w)"
    r"|(?:we expect|expect) (?:that you|you to):?\s+(?:be |have )?"
    r"|you(?:'ll| will)?(?: be| are)? (?:expected|required|asked) to\s+|you(?:'ll| will) (?!be\b)"
    r"|to succeed in [^:]{3,80}:\s*"
    r"|(?:your |key |main |the |essential |desirable |minimum |job |position )*"
    r"(?:responsibilit(?:y|ies)|requirements?|qualifications?|duties|description|summary|responsible|essential functions|what you'll do|what you have|"
    r"nice to have)(?: (?:include|is|are|will be)(?: to)?)?\s*[:,-]\s*(?:to )?"
    r"|ideally,? |preferably,? |in addition,? |furthermore,? |moreover,? |additionally,? |also,? "
    r")"
)


def opening(folded: str) -> str:
    """A folded text from where its demand begins: without list marks, headings and an advertiser's "our ideal candidate should"."""
    for _ in range(4):
        shorter = _FRAME.sub("", _MARK.sub("", folded), count=1)
        if shorter == folded or len(shorter) < 3:
            break
        folded = shorter
    return folded


# No verb known here and nothing that only a verb takes after it: "vessel layout, construction and operation of …".
_NOMINAL = re.compile(
    r"^(?!\w+,? (?:the|an?|all|any|their|its|up|out|off|on|to|with|in|into|and \w+ (?:the|an?))\b)"
    r"(?:(?:[\w'&/()-]+,? ){1,5}(?:of|including|such as|for example|used|e\.g|within|in)\b|[\w'&/()-]+ (?:\w+ )?\w+(?:ion|ity|ment|ology|ance|ics|ing)\b)"
)
_SKILLS = re.compile(r"\b(?:skills|abilit(?:y|ies)|experience)\b")
_SHORT = 14  # blanks: a demand of fifteen words names one thing


def does_something(folded: str) -> bool:
    """Whether a folded text opens with a verb, as tasks and skills do."""
    return bool(_VERB.match(folded) or _THIRD_PERSON.match(folded))


def predict_kind(folded: str, strong: dict[str, list[str]], traits: bool = False) -> str:
    """Knowledge, skill or behaviour from a statement's opening, helped by the survey areas whose cues fire.

    On 3,549 statements whose publisher says the kind, 83% are predicted as published (skills 93%, knowledge 81%, behaviours 53%);
    of 3,012 UK-SSC tasks 98% are predicted to be skills.

    Args:
        folded: text as text.fold leaves it.
        strong: kind -> survey areas with a strong cue in the text.
        traits: whether an extension area of behaviour has a strong cue in the text.
    """
    start = opening(folded)
    likely = _by_opening(start, folded, strong, traits)
    if strong[likely] or start.count(" ") > _SHORT or does_something(start):
        return likely
    # "able to work on own initiative", "good numeracy skills", "knowledge of Python": a short demand for one thing takes that thing's kind.
    others = [kind for kind in ("skill", "behaviour", "knowledge") if strong[kind]]
    if likely == "skill" and re.search(r"\bexperienced?\b", start):
        others = [kind for kind in others if kind == "behaviour"]
    return others[0] if others else likely


def _by_opening(start: str, folded: str, strong: dict[str, list[str]], traits: bool) -> str:
    if _KNOWLEDGE.match(start):
        return "knowledge"
    if _ABILITY.match(start):
        return "skill"
    asks = bool(_SKILLS.search(start) or _ADVERT.search(folded))
    subject = bool(_SUBJECT_NOUN.match(start) or _NOUN_PHRASE.match(start)) and not asks
    gerund = subject and start.split(" ", 1)[0].endswith("ing")  # "finishing techniques"
    trait, does, short = bool(_TRAIT.match(start)), does_something(start) and not gerund, start.count(" ") <= _SHORT
    if short and not does and _SKILLS.search(start) and (strong["skill"] or not strong["behaviour"]):
        return "skill"
    # In an advert's long sentence "innovative" and "driven" mostly describe products and the employer.
    if strong["behaviour"] and (trait or ((short or not asks) and not (does or subject))) and len(strong["behaviour"]) >= len(strong["skill"]):
        return "behaviour"
    if traits and trait and not strong["skill"]:
        return "behaviour"
    if does or (strong["skill"] and not subject):
        return "skill"
    if traits and (trait or (start.count(" ") < 6 and not (strong["knowledge"] or subject or _ADVERT.search(folded)))):
        return "behaviour"
    return "knowledge" if strong["knowledge"] or subject or start.count(" ") < 4 or (not asks and _NOMINAL.match(start)) else "skill"
