"""Invented skills and the tasks that show them, shared by the samples of the skill taxonomies.

Belongs here: wordings and which groups of SOC 2020 they suit. Does not belong here: any taxonomy's codes or wire format.
Nothing is taken from a published taxonomy.
"""

from __future__ import annotations

from dataclasses import dataclass

from observatory_assets.sample.world import UNIT_GROUPS, rng


@dataclass(frozen=True)
class Skill:
    """An invented skill: its place in three invented levels above it, the SOC codes whose occupations use it, and its tasks."""

    domain: str
    area: str
    group: str
    name: str
    definition: str
    codes: tuple[str, ...]
    tasks: tuple[str, ...]


# domain|area|group, then its skills: name|definition|SOC 2020 codes whose unit groups use it, at any level, * all|task|task;
# a line that starts with | goes on with the one above.
# The groups cover what the sample's standards and SOC tasks speak of, as UK-SSC's cover real ones.
_LEVELS = """
Working with people|Communicating|Communicate with customers and colleagues
Explain a fault to a customer|Say in plain words what is wrong and what comes next.
|3 5 7|Explain to a customer why a fault takes longer to mend|Describe a fault to a customer in plain words
Explain information face to face and by telephone|Communicate information clearly in person, by telephone and in writing and suit the style to the audience.
|*|Explain information to a caller by telephone|Communicate with managers face to face and in writing
Communicate verbally with customers and colleagues|Speak with customers, colleagues, managers and players in person so that they understand.
|*|Communicate verbally with colleagues at a briefing|Speak with customers in person about what they want
Write plain English|Write messages and records in plain English with correct spelling and grammar.
|*|Write a message in plain English|Write a record in plain English and correct its spelling and grammar
Read written instructions and work documents|Read and understand the instructions and documents of one's work.
|*|Read the written instructions of a job|Read and understand the written instructions of a work document
Write reports and present findings|Write clear reports, e-mails and handover notes and present the findings to those who need them.
|1 2 3 4|Write a report for a manager and present its findings|Present findings to a meeting
Complete written records|Complete records and handover notes accurately and legibly.
|2 3 6 8|Complete a written record of the shift legibly|Complete accurate written records of a visit
Working with people|Serving|Serve customers
Deal with enquiries and complaints|Deal with the enquiries and complaints of customers, callers and residents and settle them.
|*|Deal with a complaint from a customer|Answer the enquiries of callers and residents
Meet the needs and expectations of customers|Give good customer service by finding out what customers need and expect.
|3 4 6 7|Find out what a customer needs and expects|Give good customer service at a counter
Improve a service from customer feedback|Use customer feedback to make a service better.
|1 7|Collect customer feedback on a service|Improve a service after feedback
Serve shoppers and take payment|Serve shoppers in a shop, take payment at a till and handle refunds.
|1150 7111 7132|Serve shoppers at a till|Take payment from shoppers and handle their refunds
Answer calls and take bookings|Answer telephone calls and the switchboard, pass on messages, update customer accounts and take orders and bookings.
|4216 72|Take orders and bookings by telephone|Answer calls at a switchboard and pass on messages
Coach call centre advisers|Listen to the calls of advisers, coach them and settle the complaints they pass on.
|72|Listen to an adviser's calls and coach them|Coach call centre advisers after a complaint
Working with people|Leading|Lead and develop people
Lead and supervise staff|Lead, motivate and supervise others, give them clear direction and feedback and review their performance.
|1 2 33 72|Lead and supervise staff with clear direction|Supervise staff and review their performance
Train and mentor new starters|Teach newcomers to a job by showing, coaching and correcting.
|*|Train a new starter at the workplace|Mentor new starters through their first weeks
Recruit staff|Advertise vacancies, interview applicants and choose among them.
|1 3571|Advertise a vacancy and recruit staff|Interview applicants and recruit staff
Advise on employment law|Know the rights and responsibilities of employers and employees and advise managers on employment law.
|1 3571|Advise a manager on employment law|Advise an employee on rights under employment law
Draw up rotas and staffing policies|Draw up the rota of a team and the staffing policies of an organisation.
|1 3571 7132|Draw up the rotas of a team|Revise the staffing policies of an organisation
Working with people|Working together|Work with others
Work as part of a team|Work as part of a team that shares its tasks and targets and support colleagues at busy times.
|*|Work as part of a team on a shared task|Support colleagues in a team at busy times
Collaborate with other teams|Collaborate with colleagues in one's own and other teams.|*|Collaborate with colleagues of another team|Pass work on to other teams
Support team members|Help the members of a team to meet its targets.|1 3 7|Support a team member who falls behind a target|Help team members meet a deadline
Value equality, diversity and inclusion|Treat customers, clients and staff with respect and value equality, diversity and inclusion in the workplace.
|*|Value the equality and diversity of clients and treat them with respect|Explain equality, diversity and inclusion to a team
Working with people|Caring|Treat and care for patients and residents
Help people with daily care|Help residents wash, dress, eat and move as care workers and home carers do.
|6135 2237|Help a person with daily care: to wash, dress and eat|Help residents with daily care at meals
Watch a patient's condition|Give medicines, watch a patient's vital signs, note changes in their condition and hand over the state of each patient.
|2237 6135 2221|Watch a patient's condition and note changes|Watch a patient's vital signs
Treat patients by exercise|Assess how injured patients move and treat joints and muscles by exercise and massage, as physiotherapists do.
|2221|Treat an injured patient by exercise|Treat a patient's joints by massage and exercise
Dispense medicines|Dispense medicines and prescriptions as pharmaceutical technicians do and check the stock and expiry dates of drugs.
|3212 2237|Dispense a prescription|Dispense medicines and check the expiry dates of drugs
Use the equipment of a ward and dispensary|Set up and use the tools, materials and methods of nurses, carers, physiotherapists and pharmacy technicians.
|2221 2237 3212 6135|Set up the equipment of a ward|Use and clean the equipment of a ward and dispensary
Working with people|Caring|Cut and style hair
Cut and colour hair|Cut, colour and style hair as hairdressers and barbers do.|6221|Cut and style a client's hair|Cut and colour a client's hair
Recommend hair products|Recommend treatments and products for a client's hair.
|6221|Recommend a product for a client's hair|Talk over a hair treatment with a client
Use the equipment of a salon|Use the tools, materials and methods of hairdressers and barbers and keep the salon ready for clients.
|6221|Clean the tools of a salon|Set out the equipment of a barber
Working with people|Teaching|Teach and support learning
Teach a subject to students|Teach a trade or subject to students and mark their coursework as further education lecturers do.
|23|Teach a subject to a class of students|Mark the coursework of students
Teach children to read, write and count|Teach lessons in reading, writing and number to young children in a primary school.
|2314 6112|Teach a child to read|Teach a lesson in writing and number
Support pupils in the classroom|Help a teacher with small groups of pupils and prepare paint, books and displays as teaching assistants do.
|6112 23|Help a small group of pupils in the classroom|Prepare books and displays for a teacher
Care for small children through play|Plan play, watch each child's development and tell parents how a child is getting on, as early years practitioners do.
|3232 6112|Plan play for small children|Care for small children and note their development through play
Use the methods of teaching and childcare
|Know the tools, materials and methods of teaching professionals, teaching assistants and early education practitioners.
|23 3232 6112|Use methods of teaching in a lesson for children|Use the methods and equipment of childcare in a nursery
Working with people|Coaching|Coach sport and run leisure centres
Coach players and athletes|Coach players in skills and tactics and judge how an athlete has improved, as sports coaches and instructors do.
|3432 3433|Coach a player in tactics|Judge how an athlete has improved
Draw up fitness programmes|Show clients how to exercise safely and draw up a training programme after a fitness test, as personal trainers do.
|3433 3432|Draw up a fitness programme for a client|Draw up a fitness programme and show a client how to exercise
Run a leisure centre|Keep a sports and leisure centre open and staffed and hire out its courts and pools to clubs.
|1224|Run a leisure centre on a busy day|Run a sports and leisure centre and hire out its courts
Watch a pool and set out sports equipment|Watch swimmers, rescue them and set out nets, mats and other equipment as leisure assistants do.
|6211 1224|Watch a pool and its swimmers|Watch a pool and set out nets and mats of sports equipment
Use the methods of sport and fitness|Know the tools, materials and methods of fitness and wellbeing instructors, sports and leisure assistants and managers.
|34 6211 1224|Use methods of sport and fitness in a class|Set out and check sports equipment at a pool
Working with people|Protecting|Protect the public
Patrol and attend incidents|Patrol an area on foot, calm disputes and attend incidents as police officers do.
|3312 6311|Patrol an area and attend incidents at night|Attend incidents on patrol and calm a dispute
Take statements and give evidence|Take statements for case files and give evidence in court.
|3312 6311|Take statements from a witness as evidence|Give evidence in court
Talk to schools about crime|Visit schools and residents to talk about crime.|6311 3312|Visit a school to talk about crime|Talk with residents about crime
Fight fires and rescue people|Fight fires, free people from vehicles and inspect buildings for fire risks.
|3313|Fight a fire and rescue people from a building|Fight fires and inspect buildings to rescue people
Issue parking notices|Issue notices to badly parked vehicles, check permits and report broken meters.
|6312 6311|Issue a notice to a parked vehicle|Check parking permits and report a broken meter
Use the equipment of police and fire services|Know the tools, materials and methods of police, fire and enforcement officers.
|331 631|Use the equipment of fire services to protect the public|Use a police radio
Working with things|Making|Build with brick and timber
Lay bricks and cut stone|Lay bricks and blocks in mortar to a line and cut and shape stone with hand tools, as bricklayers do.
|5313|Lay bricks and blocks to a line|Cut stone by hand
Make and fit joinery|Measure, cut and fit timber frames and doors as carpenters and joiners do.|5316|Cut and fit a timber frame|Fit a door and its joinery
Mark out from building drawings|Read building drawings and mark out wood and brickwork.
|531|Read a building drawing and mark out wood|Mark out brickwork from a drawing
Use the materials of building trades|Know the tools, materials and methods of bricklayers, carpenters and joiners.
|531|Use the materials of building trades: mortar and brick|Use the tools and materials of building trades: timber and joinery
Working with things|Making|Fit and test electrical wiring
Fit cables and sockets|Fit cables, sockets and control panels as electricians and electrical fitters do.
|5241|Fit cables and sockets in a house|Fit the cables and sockets of a control panel
Test circuits|Test circuits with instruments and issue certificates.|5241|Test a circuit with an instrument|Issue a certificate after a circuit is tested
Use the equipment of electricians|Know the tools, materials and methods of electricians and electrical fitters.
|5241|Check the tools of an electrician|Use the equipment of electricians to test wiring
Working with things|Making|Machine and assemble parts
Design machines and test prototypes|Design moving parts, model the stress in a component by computer and test prototypes, as mechanical engineers do.
|2122|Design the moving parts of a machine and test prototypes|Test a prototype on a rig
Set machine tools|Program and set a lathe or milling machine as CNC machinists and metal machining setters do.
|5221|Set a milling machine to a drawing|Set and program machine tools such as a lathe
Measure parts with gauges|Measure machined parts with gauges to fine tolerances and how a machine performs under load.
|5221 3113|Measure a part with a gauge to a fine tolerance|Measure machined parts with gauges and how a machine performs
Install and repair machines|Install and repair equipment from drawings as engineering technicians do.
|3113 2122|Repair a machine from a drawing|Install and repair machines and test equipment in a workshop
Assemble components|Bolt and fit components together in sequence and reject faulty ones, as assemblers of vehicles and metal goods do.
|8142|Assemble components: bolt and fit them together in sequence|Assemble components and reject faulty ones
Use the methods of engineering|Know the tools, materials and methods of mechanical engineers, engineering technicians, machinists and assemblers.
|2122 3113 5221 8142|Use the methods of engineering for machined parts|Use the tools and methods of engineering in a machine workshop
Working with things|Making|Manage production
Set production targets|Set the output targets and schedules of each production line, as production managers in manufacturing do.
|1121|Set the output target of a production line|Draw up a production schedule
Review the costs of a plant|Review what a plant costs with its owners.
|1121|Review costs with the owners of a plant|Review the costs of a manufacturing plant and its lines
Use the methods of manufacturing|Know the tools, materials and methods of production managers and directors in manufacturing.
|1121|Use the methods of manufacturing to manage production|Use the tools and methods of manufacturing on a production line
Working with things|Following|Follow instructions and drawings
Follow instructions exactly|Read instructions and follow them exactly when preparing goods, parts or equipment.
|5 6 8 9|Follow the instructions of a work card exactly|Prepare an order exactly by its instructions
Read drawings|Read a drawing and follow it when preparing a job.|5 8|Read a drawing before preparing a job|Read a drawing and follow its instructions
Working with things|Looking after equipment|Use and maintain tools and equipment
Select and use equipment safely|Choose the right tools and equipment for a job and use them safely.
|5 6 8 9|Select the equipment of a job and use it safely|Select and use the tools and equipment of a job safely
Set up and maintain equipment|Know how equipment is set up and used and clean and maintain tools, machinery and equipment.
|5 8 9 3113|Clean and maintain tools, machinery and equipment|Set up the equipment of a bench
Prepare and restore a work area|Prepare the work area before a job and restore it afterwards.
|5 6 8 9|Prepare a work area before a shift|Restore the work area at the end of the day
Know tools, materials and methods|Know which tools, materials and methods an occupation uses.
|5 6 8 9|Compare two tools and materials|Know the tools, materials and methods of a job
Working with things|Looking after equipment|Clean buildings
Clean floors and rooms|Sweep, mop and disinfect floors and rooms.|9223 6211|Mop and disinfect a floor|Sweep a room
Refill soap and empty bins|Refill soap and paper and empty the bins of a building.|9223 6211|Refill the soap of a washroom|Empty the bins of a building
Working with things|Checking|Check the quality of work
Inspect finished work|Inspect finished work against the specification and record what was found.
|2 3 5 8 9|Inspect a finished job against its specification|Inspect finished work with a colleague
Check quality against a standard|Know the standards of quality expected and how work is checked against the standard.
|*|Check the quality of a job against the standard|Keep a checklist of expected quality
Find and correct faults|Find faults in routine work and correct them.|*|Correct a fault in routine work|Find a fault and put it right
Carry out daily tasks to a standard|Carry out the daily tasks of an occupation to the agreed standard.
|*|Carry out the tasks of the day to the agreed standard|Go through the daily tasks with a colleague
Working with things|Moving goods|Drive and deliver
Drive a lorry and secure its load|Drive heavy and large goods vehicles and secure their loads as LGV drivers do.
|8211|Drive a lorry to a customer|Secure the load of a lorry
Plan routes|Plan a route around drivers' hours and delivery times.
|8211 4134 1243|Plan a route around delivery times|Plan the route of a delivery around a driver's hours
Keep tachograph and mileage records|Keep the tachograph and mileage records of vehicles.
|8211 4134|Keep the mileage records of a lorry|Keep the tachograph and mileage records of a delivery driver
Book vehicles and transport|Book vehicles and drivers for each load and buy transport from contractors, as transport and distribution clerks do.
|1243 4134|Book a vehicle and driver for a load|Book vehicles and transport from a contractor
Use the methods of transport and logistics|Know the tools, materials and methods of managers in logistics, transport clerks and goods vehicle drivers.
|1243 4134 82|Use the methods of transport and logistics to deliver goods|Use the methods of logistics: vehicles, drivers and transport
Working with things|Moving goods|Handle and store goods
Lift and carry materials by hand|Lift, carry and handle materials by hand.|5 6 8 9|Lift and carry a box by hand|Lift, carry and handle materials by hand
Pick and pack goods|Pick goods from shelves against a list, pack, fill, seal and label containers and weigh packs, as packers and warehouse operatives do.
|8111 9132 9252 9111|Pick goods against a list|Pick, pack and label goods in containers
Unload and book in goods|Unload vans, book goods in with a scanner and decide how they are stored.
|1243 9252|Unload goods from a van and book them in|Book goods in with a scanner
Stack pallets with a truck|Lift and stack pallets with a fork-lift truck and check its forks, brakes and battery.
|8222 9252|Stack pallets with a truck|Stack pallets of goods with a fork-lift truck
Working with things|Preparing food|Prepare food and drink
Cook dishes|Cook dishes and taste them before they go out, as chefs do.|5434|Cook a dish and taste it|Prepare the dishes of a menu
Design menus and order ingredients|Design menus and order the ingredients they need.
|5434 5432|Design menus and order the ingredients of food|Order ingredients for a kitchen
Bake bread and decorate cakes|Mix, prove and bake dough and decorate cakes to order, as bakers and flour confectioners do.
|5432 8111|Bake bread from dough|Bake bread and decorate cakes for orders
Run food process machines|Run machines that mix, cook or bottle food, drink and tobacco, as food process operatives do.
|8111 9132|Run food process machines that bottle drink|Mix food by machine
Keep food areas clean|Keep food areas clean against contamination.
|5432 5434 8111|Clean a food area against contamination|Keep food areas clean: raw and cooked food apart
Use the methods of kitchens and food plants|Know the tools, materials and methods of bakers, chefs and food and drink process operatives.
|5432 5434 8111|Set up the equipment of a kitchen|Use the methods and tools of kitchens and food plants
Working with things|Tending land|Grow plants and keep animals
Plant gardens|Plant and prune shrubs and lay turf as gardeners and landscape gardeners do.|5113|Plant gardens: shrubs and turf|Lay turf in a garden
Build paths and patios|Build paths and patios of a garden to a drawing.|5113|Build a garden path to a drawing|Build the paths and patios of a garden
Sow and harvest crops|Sow, spray and harvest crops and pick, grade and pack produce on a farm.
|5111 9111|Sow and harvest a crop|Sow, pick and harvest crops on a farm
Look after livestock|Feed animals, watch their health and look after crops and livestock.|5111 9111|Feed animals on a farm|Watch the health of livestock
Mend fences and clear ditches|Mend the fences and clear the ditches of a farm.|5111 9111|Mend a fence|Clear a ditch
Use the methods of gardening and farming|Know the tools, materials and methods of gardeners, landscape gardeners and farmers.
|5111 5113 9111|Use the tools and methods of gardening|Use the materials and methods of gardening and farming
Working with information|Reckoning|Work with numbers and money
Calculate quantities and costs|Calculate quantities, times and costs and check the figures.
|*|Calculate the quantities and costs of a job|Calculate costs and check the figures
Reckon with percentages and ratios|Use basic numeracy: quantities, ratios, percentages, measurements and estimates.
|*|Reckon a quantity from percentages and ratios|Calculate a percentage of a measurement
Prepare and control a budget|Prepare and control a budget and report on finance.|1 2 4|Prepare a budget for the year|Report on finance against the budget
Know how a business makes a profit|Know how a business operates, its costs, its takings and what makes it profitable.
|1 2 7|Compare the costs and profit of a business|Know how a business makes a profit and what it costs
Process invoices and payments|Process invoices and make payments on time.|3 4|Process an invoice and its payment|Process the invoices and payments of a month
Work out wages and deductions|Work out wages, tax and deductions as payroll managers and wages clerks do.
|4122|Work out a week's wages and tax|Explain the deductions from wages
Reconcile ledgers|Reconcile ledgers with bank statements as book-keepers do.
|4122|Reconcile a ledger with a bank statement|Reconcile ledgers with the numbers of a bank statement
Audit accounts and advise on tax
|Audit the books and financial statements of a company and advise clients on tax and cash flow, as chartered and certified accountants do.
|2421|Audit the accounts of a company and advise on tax|Audit a client's accounts and advise on tax and money
Working with information|Using computers|Develop software and support computers
Write and test programs|Write and test computer programs in a programming language, as programmers and software development professionals do.
|2134|Write and test the code of a program|Test a computer program
Turn users' needs into applications|Turn what users need into a working application.
|2134|Turn what a user needs into an application|Build an application users can work with
Support users of computers|Set up computers and user accounts as IT user support technicians do.
|3132|Set up a computer and a user account|Support a user whose computer has stopped
Restore networks|Restore service after a fault of the network.|3132|Restore service after a network fault|Restore computers and networks after a fault
Design databases and protect networks|Design databases and networks and keep them secure by the principles of cyber security.
|2134 3132 3544|Design databases and protect their networks|Protect a network by cyber security
Build statistical reports from data|Join, clean and check data from databases and build dashboards and statistical reports, as data analysts do.
|3544|Build a dashboard and statistical report|Build reports from data: join and clean databases
Working with information|Using computers|Use office software and keep records
Use industry software|Use industry-specific software to carry out the work of an occupation.
|*|Use industry-specific software for a day's work|Use the industry-specific software of a job
Use digital tools|Use digital tools and specialist software packages, automated ones among them.
|*|Use digital tools and software to keep records|Use digital tools and specialist software packages at work
Use spreadsheets and e-mail|Use spreadsheets, e-mail and other basic IT packages in the workplace.
|*|Use a spreadsheet in the workplace|Use spreadsheets and e-mail in an office
Keep computer records|Keep accurate computer records, update spreadsheets and databases and use IT systems to record and retrieve information.
|*|Keep the computer records of a load|Keep computer records in a database
Working with information|Using computers|Run an office
File documents and carry out administration|File documents, answer e-mails and carry out the administration of an office.
|4 3571|File the documents of an office|File documents and carry out administration for a team
Keep diaries and arrange travel|Keep a manager's diary and arrange travel as personal assistants do.|4215|Keep a manager's diary|Arrange travel for a manager
Take minutes|Take the minutes of meetings and draft correspondence.|4215|Take the minutes of a meeting|Take minutes and draft correspondence in an office
Greet visitors|Greet visitors at a reception desk and tell staff they have come.|4216 4215|Greet visitors at a desk|Tell staff that a visitor has come
Use the methods of an office|Know the tools, materials and methods of personal assistants, secretaries and receptionists.
|42|Set up the equipment of an office|Use the methods of secretaries to run an office
Working with information|Using computers|Take dictation
Take shorthand|Write down speech in shorthand and read it back.|4215 4216|Take a letter in shorthand|Read back shorthand
Type from recorded dictation|Type letters from a dictating machine.|4215|Type a letter from dictation|Return a dictation tape
Working with information|Knowing the rules|Work safely
Follow health and safety procedures|Follow health and safety procedures at work.
|*|Follow the health and safety procedures of a site|Wear protective clothing for health and safety
Know health and safety legislation|Know the health and safety legislation and safe systems of work that apply to an occupation.
|*|Look up health and safety legislation|Know health and safety legislation and safe systems of work
Assess risks and report hazards|Assess the risks of a workplace and report its hazards.|*|Assess the risks of a workplace|Report a hazard
Working with information|Knowing the rules|Follow law and codes of practice
Apply regulations and codes of practice|Know the regulations and codes of practice specific to an occupation and work by them.
|*|Apply the regulations of an occupation|Follow a code of practice
Apply legislation|Apply the legislation and regulations that cover one's work.|*|Apply legislation to a case|Apply the legislation and regulations of a job
Protect data and keep confidences|Know the requirements of data protection and confidentiality and why they matter.
|*|Protect data and keep confidences by the law|Protect data and confidentiality at work
Working with ideas|Improving|Solve problems
Find the cause of problems|Find the cause of problems and put them right.
|*|Find the cause of a problem and put it right|Find the cause of problems and solve them
Propose solutions|Solve problems by identifying their causes and proposing solutions.|*|Propose a solution to a problem|Identify the causes of a problem
Analyse information and draw conclusions|Analyse information and draw conclusions from it.
|1 2 3 4|Analyse information about a service and draw conclusions|Draw conclusions from information
Make decisions on evidence|Set a strategy and make decisions on evidence.|1 2|Set a strategy on evidence|Make a decision on the evidence
Working with ideas|Improving|Improve ways of working
Suggest better ways of working|Suggest better ways of doing things and try out new ideas.
|*|Suggest a better way of doing a job|Suggest better ways of working and try out new ideas
Adapt to new methods and technology|Keep up with changes and adapt to new methods and technology.|*|Adapt to a new method|Keep up with changes in technology
Working with ideas|Improving|Protect the environment
Reduce waste and energy use|Reduce waste and energy use and recycle materials.|*|Reduce waste and recycle materials|Reduce the energy use of a building
Cut carbon emissions|Know the principles of environmental sustainability and net zero and how a sector reduces its carbon emissions.
|1 2|Reduce the carbon emissions of a site|Cut carbon emissions to net zero to protect the environment
Working with ideas|Planning|Plan and organise work
Manage own time and priorities|Plan and organise one's own time and workload, put urgent tasks first and meet deadlines.
|*|Plan own time to meet a deadline|Manage own time and put urgent priorities first
Plan and manage projects|Plan, deliver and manage projects within scope, time and cost and review them.
|1 2 3|Plan a project with its time and cost|Manage a project from plan to review
Track progress|Track the progress of a plan against its milestones.|1 2 3|Track the progress of a project plan|Track progress against the milestones of a plan
Working with ideas|Selling|Market and sell
Promote products and services|Promote products and services and close a sale.|1 24 7|Promote a product to a buyer|Promote and sell products and services
Build relationships and win business|Build lasting relationships with customers and win new business.
|1 24 7|Build a relationship with a buyer|Win new business from a customer
Prepare marketing and social media|Prepare marketing and social media posts that promote an organisation and reach customers.
|2432 7 1|Prepare a social media post|Use marketing principles to reach customers
Research markets and set prices
|Research a market, set the price of a product and brief agencies on advertising campaigns, as marketing and commercial managers do.
|2432|Research a market for a product|Research markets, set prices and brief agencies on marketing
Negotiate contracts|Negotiate contracts with suppliers and partners.|1 24|Negotiate a contract with a supplier|Negotiate with a partner
Stock shelves and mark prices|Decide which lines a shop stocks, fill shelves and mark prices, as retail managers and sales and retail assistants do.
|1150 7111 7132|Fill shelves and mark prices|Decide which lines a shop stocks
Use the methods of retail|Know the tools, materials and methods of sales and retail assistants and of managers in retail and wholesale.
|1150 7111 7132|Set up the equipment of a shop|Use the tools and methods of retail to sell in a shop
"""


def _read() -> tuple[Skill, ...]:
    skills, levels = [], ("", "", "")
    for line in _LEVELS.replace("\n|", "|").strip().splitlines():
        first, second, third, *rest = line.split("|")
        if not rest:
            levels = (first, second, third)
        else:
            skills.append(Skill(*levels, first, second, tuple(third.replace("*", "").split()), tuple(rest)))
    return tuple(skills)


SKILLS = _read()


def skills_of(soc_code: str) -> list[Skill]:
    """Five to eight skills of a unit group of the sample, the same ones every time: at most half of them skills of its own, the others of everybody's."""
    random = rng("skills", soc_code)
    size = random.randint(5, 8)
    own = [skill for skill in SKILLS if any(soc_code.startswith(code) for code in skill.codes)]
    chosen = random.sample(own, min(len(own), size // 2))
    return chosen + random.sample([skill for skill in SKILLS if not skill.codes], size - len(chosen))


def groups_of_work(soc_code: str) -> tuple[tuple[str, str], ...]:
    """The sample's sub-unit groups of a unit group: (code, title), one per everyday job title."""
    return tuple((f"{soc_code}/{number:02d}", f"{title}s") for number, title in enumerate(UNIT_GROUPS[soc_code][1], start=1))
